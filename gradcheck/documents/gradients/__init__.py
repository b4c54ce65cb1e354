"""Hand-written gradients in a document's code, held against the loss that the code computes beside them."""
