"""OpenAPI 3.0 said as 3.1, so that everything behind the reading of a document knows one version alone."""

from typing import Any

from .references import BUNDLE, DATA, NAMED
from .source import Json

_ANNOTATIONS = {"description", "default", "example", "readOnly", "writeOnly"}
_EXCLUSIVE = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))


def upgrade(tree: Json) -> Json:
    """A new tree of a 3.0 document that means the same in 3.1; one of another version as it is.

    `nullable` becomes the type null, an exclusive bound that was true or false becomes the bound, what stands beside a
    `$ref`, which 3.0 ignores, goes. A nullable schema that lists its values takes null besides them, listed or not:
    3.0.3 would have it listed, but few documents do.
    """
    if not (isinstance(tree, dict) and str(tree.get("openapi", "")).startswith("3.0")):
        return tree
    return {key: "3.1.0" if key == "openapi" else _value(key, value) for key, value in tree.items()}


def _node(node: Json, *, named: bool = False) -> Json:
    if isinstance(node, list):
        return [_node(item) for item in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {key: _node(value) for key, value in node.items()}
    if isinstance(node.get("$ref"), str):
        return {key: value for key, value in node.items() if key == "$ref"}
    result = {key: _value(key, value) for key, value in node.items()}
    for exclusive, bound in _EXCLUSIVE:
        if isinstance(result.get(exclusive), bool) and result.pop(exclusive) and bound in result:
            result[exclusive] = result.pop(bound)
    nullable = result.pop("nullable", None) if isinstance(result.get("nullable"), bool) else None
    return _with_null(result) if nullable else result


def _value(key: str, value: Json) -> Json:
    if key in DATA or (key.startswith("x-") and key != BUNDLE):
        return value
    if key == BUNDLE and isinstance(value, dict):
        return {name: _node(part) for name, part in value.items()}
    return _node(value, named=key in NAMED and isinstance(value, dict))


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if isinstance(kind, str) and None in schema.get("enum", [None]):
        return {key: [kind, "null"] if key == "type" else value for key, value in schema.items()}
    said = {key: schema.pop(key) for key in sorted(_ANNOTATIONS & schema.keys())}
    return {"anyOf": [schema, {"type": "null"}], **said} if schema else said
