"""FLOOR 4: all input and output."""
