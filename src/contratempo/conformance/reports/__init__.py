"""How a verdict is told: on the terminal, to CI, and as files that can be replayed."""
