"""The values that a document states, found in its comments, outputs and prose, and judged."""
