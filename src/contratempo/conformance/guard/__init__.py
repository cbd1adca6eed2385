"""The boundary between all that the suite sends and a real deployment: a reverse proxy, its rules and its record."""

from contratempo.conformance.guard.permit import Permit
from contratempo.conformance.guard.running import Protection, clean_up, guarded

__all__ = ["Permit", "Protection", "clean_up", "guarded"]
