"""How far references lead on: none comes back to itself, or goes on and on."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from .pointer import Parts, to_pointer
from .source import DocumentError, Json

_MAX_CHAIN = 100
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE = ("not", "if", "then", "else")
_IN_PLACE_KEYS = frozenset((*_IN_PLACE_LISTS, *_IN_PLACE))


class Heights:
    """How many steps lead on from a place of a tree without consuming any of a value."""

    def __init__(self, targets: Mapping[str, tuple[Parts, Json]], file: Path) -> None:
        self._targets, self._file = targets, file
        self._known: dict[int, int] = {}  # by the identity of nodes: the tree outlives this
        self._chain: dict[int, Parts] = {}

    def of(self, at: Parts, node: Json) -> int:
        """The height of the node at that place; DocumentError where it leads back to itself, or on and on."""
        if id(node) in self._chain:
            places = list(self._chain.values())
            circle = [*places[list(self._chain).index(id(node)) :], at]
            shown = " -> ".join(f"#{to_pointer(place)}" for place in circle)
            raise self._error(f"a reference that comes back to itself: {shown:.1000}", at, "break the circle")
        if id(node) not in self._known:
            if len(self._chain) >= _MAX_CHAIN:
                raise self._too_long(next(iter(self._chain.values())))
            self._chain[id(node)] = at
            self._known[id(node)] = 1 + max((self.of(*step) for step in self._steps(at, node)), default=0)
            del self._chain[id(node)]
        if self._known[id(node)] + len(self._chain) > _MAX_CHAIN:
            raise self._too_long(at)
        return self._known[id(node)]

    def _steps(self, at: Parts, node: Json) -> Iterator[tuple[Parts, Json]]:
        if not isinstance(node, dict):
            return
        if isinstance(node.get("$ref"), str) and node["$ref"] in self._targets:
            yield self._targets[node["$ref"]]
        if _IN_PLACE_KEYS.isdisjoint(node):
            return
        for key in _IN_PLACE_LISTS:
            if isinstance(node.get(key), list):
                for index, part in enumerate(node[key]):
                    yield (*at, key, index), part
        for key in _IN_PLACE:
            if isinstance(node.get(key), dict):
                yield (*at, key), node[key]

    def _too_long(self, at: Parts) -> DocumentError:
        return self._error(f"a chain of more than {_MAX_CHAIN} references", at, "shorten it")

    def _error(self, what: str, at: Parts, hint: str) -> DocumentError:
        return DocumentError(what, file=self._file, pointer=to_pointer(at), hint=hint)
