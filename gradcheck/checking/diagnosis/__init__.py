"""The mistake behind a wrong gradient, by name."""
