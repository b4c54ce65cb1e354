"""Matrix expressions: as text that is read, and as the form in which a derivative is shown."""
