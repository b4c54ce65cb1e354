"""Gradients that a document writes by hand, held against the loss beside them."""
