"""The command line: `contratempo COMMAND`."""

from contratempo.cli.commands import main

__all__ = ["main"]
