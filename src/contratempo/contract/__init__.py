"""FLOOR 1b: the document, and what is valid under it."""
