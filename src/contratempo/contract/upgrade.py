"""OpenAPI 3.0 said as 3.1, so that everything behind the reading of a document knows one version alone."""

from typing import Any

from .pointer import find, from_pointer, to_fragment
from .references import BUNDLE, DATA, NAMED, references
from .source import Json

_ANNOTATIONS = {"description", "default", "example", "readOnly", "writeOnly"}
_EXCLUSIVE = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))


def upgrade(tree: Json) -> Json:
    """A new tree of a 3.0 document that means the same in 3.1; one of another version as it is.

    `nullable` becomes the type null, an exclusive bound that was true or false becomes the bound, what stands beside a
    `$ref`, which 3.0 ignores, goes. A nullable schema that lists its values takes null besides them, listed or not:
    3.0.3 would have it listed, but few documents do. What was referred to within such a schema is found where it went.
    """
    if not (isinstance(tree, dict) and str(tree.get("openapi", "")).startswith("3.0")):
        return tree
    writer = _Writer()
    result = {key: "3.1.0" if key == "openapi" else writer.value(key, value) for key, value in tree.items()}
    if writer.moved:
        writer.follow(tree, result)
    return result


class _Writer:
    """Writes nodes anew. `moved` are those, by identity, that went one level down: under the `anyOf` beside null."""

    def __init__(self) -> None:
        self.moved: set[int] = set()

    def node(self, node: Json, *, named: bool = False) -> Json:
        if isinstance(node, list):
            return [self.node(item) for item in node]
        if not isinstance(node, dict):
            return node
        if named:
            return {key: self.node(value) for key, value in node.items()}
        if isinstance(node.get("$ref"), str):
            return {key: value for key, value in node.items() if key == "$ref"}
        result = {key: self.value(key, value) for key, value in node.items()}
        for exclusive, bound in _EXCLUSIVE:
            if isinstance(result.get(exclusive), bool) and result.pop(exclusive) and bound in result:
                result[exclusive] = result.pop(bound)
        nullable = result.pop("nullable", None) if isinstance(result.get("nullable"), bool) else None
        return self._with_null(node, result) if nullable else result

    def value(self, key: str, value: Json) -> Json:
        if key in DATA or (key.startswith("x-") and key != BUNDLE):
            return value
        if key == BUNDLE and isinstance(value, dict):
            return {name: self.node(part) for name, part in value.items()}
        return self.node(value, named=key in NAMED and isinstance(value, dict))

    def _with_null(self, node: Json, result: dict[str, Any]) -> Json:
        whole = _with_null(result)
        if whole.get("anyOf", (None,))[0] is result:
            self.moved.add(id(node))
        return whole

    def follow(self, tree: Json, result: Json) -> None:
        """Point the references of `result` that lead through what moved to where it is."""
        known: dict[str, str] = {}
        for _, holder in references(result):
            ref = holder["$ref"]
            if ref not in known:
                known[ref] = self._led(tree, ref)
            holder["$ref"] = known[ref]

    def _led(self, tree: Json, ref: str) -> str:
        node, parts = tree, list[str]()
        for part in from_pointer(ref):
            if id(node) in self.moved:
                parts += ("anyOf", "0")
            parts.append(part)
            try:
                node = find(node, (part,))
            except KeyError:  # of a document that is not checked
                return ref
        return to_fragment(parts) if "anyOf" in parts else ref


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if isinstance(kind, str) and None in schema.get("enum", [None]):
        return {key: [kind, "null"] if key == "type" else value for key, value in schema.items()}
    said = {key: schema.pop(key) for key in sorted(_ANNOTATIONS & schema.keys())}
    return {"anyOf": [schema, {"type": "null"}], **said} if schema else said
