"""One module a format: each reads a document's text into passages. `read` is the door, `paths` finds documents."""
