"""The book: a page a formula, gathered from the catalogue, rendered and written whole."""
