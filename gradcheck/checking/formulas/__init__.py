"""The catalogue's formulas, derivations and update rules held against every oracle."""
