"""The two sides of a document: what is only read is not required of a request, what is only written of an answer."""

from typing import Any

import msgspec

from .casting import Resolve, resolver
from .references import DATA, NAMED
from .source import Json

_MAX_CHAIN = 16


def asked(tree: Json) -> Json:
    """The tree as requests are judged by: a member that is readOnly is not required. The same one if there is none."""
    return _Side("readOnly", resolver(tree)).of(tree) if _has(tree, b'"readOnly"') else tree


def answered(tree: Json) -> Json:
    """The tree as answers are judged by: a member that is writeOnly is not required. The same one if there is none."""
    return _Side("writeOnly", resolver(tree)).of(tree) if _has(tree, b'"writeOnly"') else tree


def _has(tree: Json, word: bytes) -> bool:
    """Whether a word occurs anywhere: most documents have none, and writing one out is faster than walking it."""
    try:
        return word in msgspec.json.encode(tree)
    except ValueError:  # half a surrogate pair: no text, though a tree may have it
        return True


class _Side:
    def __init__(self, mark: str, resolve: Resolve) -> None:
        self.mark, self.resolve = mark, resolve

    def of(self, node: Json, *, named: bool = False) -> Json:
        if isinstance(node, list):
            items = [self.of(item) for item in node]
            return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
        if not isinstance(node, dict):
            return node
        result = {
            key: value if not named and key in DATA else self._value(key, value, named) for key, value in node.items()
        }
        if not named and isinstance(node.get("properties"), dict) and isinstance(node.get("required"), list):
            result["required"] = self._required(node)
        return result if any(result[key] is not node[key] for key in node) else node

    def _value(self, key: str, value: Json, named: bool) -> Json:
        return self.of(value, named=not named and key in NAMED and isinstance(value, dict))

    def _required(self, node: dict[str, Any]) -> list[Json]:
        properties, required = node["properties"], node["required"]
        kept = [name for name in required if not self._is_marked(properties.get(name))]
        return kept if len(kept) < len(required) else required

    def _is_marked(self, schema: Json) -> bool:
        for _ in range(_MAX_CHAIN):
            if not isinstance(schema, dict):
                return False
            if schema.get(self.mark) is True:
                return True
            if not isinstance(schema.get("$ref"), str):
                return any(isinstance(part, dict) and part.get(self.mark) is True for part in schema.get("allOf", ()))
            schema = self.resolve(schema["$ref"])
        return False
