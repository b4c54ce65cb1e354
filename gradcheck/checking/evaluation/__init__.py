"""A function of tensors, evaluated along directions, its graph recorded, without more memory than it takes."""
