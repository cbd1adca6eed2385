"""FLOOR 1a: the world. Pure: no I/O, no real time, no chance that is not seeded."""
