"""Deferral: packages that a library of ours imports for what we never ask of it are imported when it is asked."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, Final

UNUSED: Final = ("httpx", "requests")
"""What connexion asks an OAuth server with and what jsonschema-path fetches remote documents with: 9 MB together."""


class _Deferred(ModuleType):
    """Stands for a package until something of it is wanted."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def deferring(*names: str) -> Iterator[None]:
    """Give those that import packages inside the block stand-ins of them; whoever imports them after it gets them."""
    standing = {name: _Deferred(name) for name in names if name not in sys.modules}
    sys.modules.update(standing)
    try:
        yield
    finally:
        for name, module in standing.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


@contextmanager
def collecting_later() -> Iterator[None]:
    """Let the collector rest inside the block: what is imported stays, and need not be looked at."""
    resting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if resting:
            gc.enable()
