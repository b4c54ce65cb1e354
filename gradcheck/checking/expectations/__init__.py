"""Further oracles: what a user expects of a gradient, and the formula of the function's own code."""
