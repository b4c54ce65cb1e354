"""PyTorch's operator database, traced: which operators become formulas, and whether their derivatives are right."""
