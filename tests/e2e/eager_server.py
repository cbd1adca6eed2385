"""A server in a process of its own that saves without a pause: `python eager_server.py STATE`."""

import sys

from contratempo.server import statefile
from contratempo.server.run import serve
from contratempo.server.settings import Settings

if __name__ == "__main__":
    statefile.SECONDS, statefile.SHARE = 0.001, 0  # type: ignore[misc]
    settings = Settings(port=0, clock="2026-03-15T09:00:00Z", state=sys.argv[1], log_level="error")
    sys.exit(serve(settings, lambda bound: print(bound.port, flush=True)))
