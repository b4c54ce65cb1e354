"""For each of torch's operators that has a formula, a function that uses it: one table for each kind."""
