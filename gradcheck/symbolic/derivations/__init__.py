"""Derivations: rules with names, the lines they lead to, and the verification of every line."""
