"""Generated backward passes: a function as statements, their adjoints, and source code that a person can paste."""
