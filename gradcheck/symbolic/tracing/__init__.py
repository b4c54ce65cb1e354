"""Tracing a Python function: arrays of SymPy expressions go through it in place of numbers."""
