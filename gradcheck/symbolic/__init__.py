"""What a derivative IS: SymPy in index notation, for tensors of any size."""
