"""Servers that save without a pause, one a line read: `python eager_server.py STATE` prints their ports and ids."""

import os
import sys

from contratempo.server import service, statefile
from contratempo.server.run import serve
from contratempo.server.settings import Settings


def run(state: str) -> None:
    settings = Settings(port=0, clock="2026-03-15T09:00:00Z", state=state, log_level="error")
    serve(settings, lambda bound: print(bound.port, os.getpid(), flush=True))


if __name__ == "__main__":
    statefile.SECONDS, statefile.SHARE = 0.001, 0  # type: ignore[misc]
    catalog = service.make_service(Settings(validation="both")).catalog
    service.Catalog = lambda *_, **__: catalog  # type: ignore[misc,assignment]
    for _ in sys.stdin:  # a fork is a server without the seconds that importing and reading documents take
        if (child := os.fork()) == 0:
            run(sys.argv[1])
            os._exit(0)
        os.waitpid(child, 0)
        print("ended", flush=True)
