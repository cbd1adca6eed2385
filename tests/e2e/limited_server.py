"""A server in a process of its own whose edge has other limits: `python limited_server.py NAME=NUMBER ...`."""

import sys
from dataclasses import replace

from contratempo.server.edge.limits import LIMITS
from contratempo.server.run import serve
from contratempo.server.settings import Settings

if __name__ == "__main__":
    given = {name: float(number) for name, _, number in (each.partition("=") for each in sys.argv[1:])}
    settings = Settings(port=0, clock="2026-03-15T09:00:00Z")
    sys.exit(serve(settings, lambda bound: print(bound.port, flush=True), limits=replace(LIMITS, **given)))
