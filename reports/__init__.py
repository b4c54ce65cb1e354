"""The bundled articles, one module each; each holds a tuple `CLAIMS`."""
