"""FLOOR 3: the vendors' behaviour, one provider a module."""
