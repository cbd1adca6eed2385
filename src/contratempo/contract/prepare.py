"""The tree the judge works on: a copy of the document's, with what openapi-core trips over written in another way."""

from typing import Any

from .engine import BASE_URI
from .formats import INTEGER_BOUNDS
from .references import BUNDLE, DATA, NAMED
from .source import Json

# Every schema is judged as JSON Schema 2020-12, and references are absolute by then.
_IDENTITIES = ("$schema", "$id", "$anchor", "$dynamicAnchor")
# openapi-core warns when a deprecated thing is used, and examples are nobody's business here.
_DROPPED = {"deprecated", "example", "examples", *_IDENTITIES}
_ANNOTATIONS = {"$ref", "title", "description", "summary", "$comment", "readOnly", "writeOnly", "externalDocs"}


def prepare(node: Json, *, named: bool = False) -> Json:
    """A new tree that says the same: absolute references, integer formats as bounds, siblings of $ref kept by allOf."""
    if isinstance(node, list):
        return [prepare(item) for item in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {key: prepare(value) for key, value in node.items()}
    result = {key: _value(key, value) for key, value in node.items() if not _is_dropped(key)}
    if isinstance(result.get("$ref"), str):
        result["$ref"] = BASE_URI + result["$ref"]
        return _keep_siblings(result)
    return _bound(result)


def _is_dropped(key: str) -> bool:
    return key in _DROPPED or (key.startswith("x-") and key != BUNDLE)


def _value(key: str, value: Json) -> Json:
    if key in DATA:
        return value
    return prepare(value, named=key in NAMED and isinstance(value, dict))


def siblings(node: dict[str, Any]) -> dict[str, Any]:
    """What counts beside a schema's $ref: those become an allOf whose first entry is the $ref."""
    found = {key: value for key, value in node.items() if key not in _ANNOTATIONS and not _is_dropped(key)}
    return {} if isinstance(found.get("required"), bool) else found


def _keep_siblings(node: dict[str, Any]) -> dict[str, Any]:
    """openapi-core forgets what stands beside a schema's $ref; 3.1 says that it counts."""
    found = siblings(node)
    return _bound({**found, "allOf": [{"$ref": node["$ref"]}, *found.get("allOf", ())]}) if found else node


def _bound(node: dict[str, Any]) -> dict[str, Any]:
    name = node.get("format")
    if isinstance(name, str) and name in INTEGER_BOUNDS:
        least, most = INTEGER_BOUNDS[name]
        node["minimum"] = max(least, node.get("minimum", least))
        node["maximum"] = min(most, node.get("maximum", most))
    return node
