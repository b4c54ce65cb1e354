"""Recognition: which formula of the catalogue a formula equals, and in what it differs."""
