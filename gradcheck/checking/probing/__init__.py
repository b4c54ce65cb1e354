"""Directional derivatives by autograd and by measurement, and the place at which they part."""
