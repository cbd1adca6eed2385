"""Deferral: packages that a library of ours imports for what we never ask of it are imported when it is asked."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

UNUSED: Final = (
    "connexion",  # its applications: of its parts we have the routing alone
    "httpx",  # with which connexion asks an OAuth server
    "jinja2",  # with which it renders documents that are files: ours are none
    "openapi_core",  # its shortcuts and unmarshallers: of its parts we have the validators
    "openapi_schema_validator.settings",  # pydantic, for one number
    "openapi_spec_validator.settings",  # and again, for two
    "jsonpath",  # whose shorthands compile a grammar that overlays do not use
    "requests",  # with which jsonschema-path and connexion fetch documents
    "sse_starlette.sse",  # until somebody follows a stream
    "werkzeug",  # a web server, for the sake of two dictionaries
)
"""What is imported for nothing when a server starts: two hundred modules, 13 MB."""


class _Deferred(ModuleType):
    """Stands for a module whose code is run when something of it is wanted; its parts can be imported without it."""

    def __getattr__(self, name: str) -> Any:
        if not self.__dict__.get("_standing"):
            return getattr(_loaded(self), name)
        if name.startswith("__"):
            raise AttributeError(name)
        return _part(self, name) or _Later(self, name)


class _Later:
    """Stands for what was imported from a module that stands in itself; goes and gets it when it is used."""

    def __init__(self, module: ModuleType, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._real()(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __mro_entries__(self, _: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real(),)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, self._real())

    def _real(self) -> Any:
        return getattr(_loaded(self._module), self._name)


def _part(package: ModuleType, name: str) -> ModuleType | None:
    """Import the module of that name in a package, if there is one."""
    whole = f"{package.__name__}.{name}"
    if not hasattr(package, "__path__") or find_spec(whole) is None:
        return None
    return import_module(whole)


def _loaded(module: ModuleType) -> ModuleType:
    if isinstance(module, _Deferred):
        loader: _StandIn = module.__loader__  # type: ignore[assignment]
        loader.load(module)
    return module


class _StandIn:
    """Makes a stand-in of a module, and of that the module; in all else it is the module's loader."""

    def __init__(self, loader: Any) -> None:
        self._loader, self.modules = loader, list[ModuleType]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        module.__class__, module.__dict__["_standing"] = _Deferred, True
        self.modules.append(module)

    def load(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__class__, module.__loader__, module.__spec__.loader = ModuleType, self._loader, self._loader
        module.__dict__.pop("_standing", None)
        self._loader.exec_module(module)


class _StandIns:
    """Finds stand-ins of the modules of these names."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names, self.made = names, list[_StandIn]()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path, target) if fullname in self._names else None
        if found is not None:
            self.made.append(_StandIn(found.loader))
            found.loader = self.made[-1]  # type: ignore[assignment]
        return found


@contextmanager
def deferring(*names: str) -> Iterator[None]:
    """Give those that import modules inside the block stand-ins of them, and of what they take from them.

    The stand-in of a module becomes the module itself when something of it is used, or wanted after the block.
    """
    finder = _StandIns(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for module in (each for stand_in in finder.made for each in stand_in.modules):
            module.__dict__.pop("_standing", None)


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
