"""The formulas that a document states, read by a grammar of our own and held against SymPy and autograd."""
