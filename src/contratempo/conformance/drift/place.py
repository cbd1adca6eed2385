"""What the document says of a place in an answer: which members may be missing, which values are words of a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from contratempo.contract.contract import Contract

Json: TypeAlias = Any

_ALTERNATIVES: Final = ("allOf", "anyOf", "oneOf")
_DEEPEST: Final = 20


@dataclass(frozen=True)
class Place:
    """The schemas that may be in force at a place; none where the document says nothing of it."""

    tree: Json
    schemas: Sequence[dict[str, Json]] = ()

    def member(self, name: str) -> "Place":
        """Return the place of a member."""
        found = [each["properties"][name] for each in self.schemas if name in each.get("properties", {})]
        return place_of(self.tree, found)

    def item(self) -> "Place":
        """Return the place of a list's items."""
        return place_of(self.tree, [each["items"] for each in self.schemas if isinstance(each.get("items"), dict)])

    def may_lack(self, name: str) -> bool:
        """Say whether the document knows a member and lets it be absent."""
        known = any(name in each.get("properties", {}) for each in self.schemas)
        return known and not any(name in each.get("required", ()) for each in self.schemas)

    def may_be(self, kind: str) -> bool:
        """Say whether the document lets a value of this kind stand here."""
        listed = [each["type"] for each in self.schemas if "type" in each]
        kinds = {kind for each in listed for kind in (each if isinstance(each, list) else [each])}
        return kind in kinds or (kind == "number" and "integer" in kinds)

    @property
    def words(self) -> bool:
        """Say whether what stands here is a word of a list."""
        return any("enum" in each or "const" in each for each in self.schemas)

    @property
    def free(self) -> bool:
        """Say whether whoever sends it chooses the members."""
        return bool(self.schemas) and not any(each.get("properties") for each in self.schemas)


def place_of(tree: Json, schemas: Sequence[Json]) -> Place:
    """Return the place that schemas are in force at, references and alternatives resolved."""
    return Place(tree, [each for schema in schemas for each in _expanded(tree, schema, 0)])


def answer_place(contract: Contract, operation: str, status: int) -> Place:
    """Return the place of the body of an operation's answer."""
    tree, known = contract.document.tree, contract.document.operations[operation]
    responses = tree["paths"][known.path][known.method]["responses"]
    names = [name for name in (str(status), f"{status // 100}XX", "default") if name in responses]
    if not names:
        return Place(tree)
    content = _resolved(tree, responses[names[0]]).get("content", {})
    return place_of(tree, [each["schema"] for name, each in content.items() if "json" in name and "schema" in each])


def _expanded(tree: Json, schema: Json, depth: int) -> Iterator[dict[str, Json]]:
    node = _resolved(tree, schema)
    if isinstance(node, dict) and depth < _DEEPEST:
        yield node
        for word in _ALTERNATIVES:
            for each in node.get(word, ()):
                yield from _expanded(tree, each, depth + 1)


def _resolved(tree: Json, node: Json) -> Json:
    for _ in range(_DEEPEST):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            break
        found = tree
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        node = found
    return node
