"""Routes in order of their segments: of a thousand only those are tried that a path can be, in the router's order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from contratempo.server.templates import Template

_KEPT = 4_096
"""Routers remembered, each for one set of routes that fit a path together: there are hardly more than paths."""


@dataclass
class _Node:
    """What may follow after some segments: words written out, and parts with a parameter; `ends` are route numbers."""

    words: dict[str, "_Node"] = field(default_factory=dict)
    templated: "_Node | None" = None
    ends: list[int] = field(default_factory=list)

    def add(self, segments: Sequence[str], number: int) -> None:
        node = self
        for segment in segments:
            if "{" not in segment:
                node = node.words.setdefault(segment, _Node())
                continue
            node.templated = node.templated or _Node()
            node = node.templated
        node.ends.append(number)

    def fitting(self, segments: Sequence[str], at: int = 0) -> Iterator[int]:
        if at == len(segments):
            yield from self.ends
            return
        if (word := self.words.get(segments[at])) is not None:
            yield from word.fitting(segments, at + 1)
        if self.templated is not None and segments[at]:
            yield from self.templated.fitting(segments, at + 1)


class IndexedRouter:
    """An ASGI application that does what a router does with its routes, at a cost that does not grow with them."""

    def __init__(self, router: Router) -> None:
        self.routes, self._default = router.routes, router.default
        self._root = _Node()
        for number, route in enumerate(self.routes):
            assert isinstance(route, Route)
            route.path_regex = Template(route.path)  # type: ignore[assignment]
            self._root.add(route.path.split("/"), number)
        self._router = lru_cache(maxsize=_KEPT)(self._make)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"][len(scope.get("root_path", "")) :]
        numbers = tuple(sorted(self._root.fitting(path.split("/"))))
        await self._router(numbers)(scope, receive, send)

    def _make(self, numbers: tuple[int, ...]) -> ASGIApp:
        fitting = [self.routes[number] for number in numbers]
        paths = list(dict.fromkeys(map(_path, fitting)))
        # A route for GET takes HEAD, too: one for HEAD alone, of the same path, has to come before it.
        routes = sorted(fitting, key=lambda route: (paths.index(_path(route)), not _is_for_head(route)))
        return Router(routes, redirect_slashes=False, default=self._default)


def _path(route: BaseRoute) -> str:
    assert isinstance(route, Route)
    return route.path


def _is_for_head(route: BaseRoute) -> bool:
    return isinstance(route, Route) and route.methods == {"HEAD"}
