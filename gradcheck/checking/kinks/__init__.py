"""Points at which a function has no derivative, and what a gradient may be there."""
