"""Each way of differentiating, checked: reverse, forward, second order, batched."""
