"""One room of the benchmark in a process of its own: writes its rows and notes to stdout as JSON, one a line."""

import importlib
import json
import os
import sys
from dataclasses import asdict

import cores


def main(name: str, quick: bool) -> None:
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as rows:
        os.dup2(2, 1)  # what else is printed is no row
        cores.pin(cores.LOAD)
        for said in importlib.import_module(name).rows(quick):
            print(json.dumps(said if isinstance(said, str) else asdict(said)), file=rows, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], "--quick" in sys.argv[2:])
