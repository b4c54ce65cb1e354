"""torch functions as formulas: a graph of operators, walked in index notation for symbolic sizes."""
