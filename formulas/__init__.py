"""The formulas that the project vouches for, one module a topic; each holds a tuple `FORMULAS`."""
