"""Verifying any document: what it states about values, formulas and gradients, held against what is so."""
