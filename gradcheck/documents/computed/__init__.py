"""Tells, within the sandbox, what the functions of tensors compute that a document defines and calls."""
