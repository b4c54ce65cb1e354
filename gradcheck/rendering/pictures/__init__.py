"""Pictures as SVG: a function with its derivative, a tangent, a Jacobian, step errors, and optimisers' paths."""
