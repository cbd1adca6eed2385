"""Refusals of a document without a vendor: where it describes none of its own, they are problems (RFC 9457)."""

from collections.abc import Mapping
from typing import Any, Final

from .source import Json
from .structure import iter_operations

PROBLEM: Final = "application/problem+json"
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Refused"]},
        "status": {"type": "integer", "minimum": 100, "maximum": 599, "examples": [400]},
        "detail": {"type": "string", "examples": ["The mock refuses it."]},
    },
}
_SUMMARY: Final = "Contratempo's own answer: the document describes none for this status."


def is_ours(response: Mapping[str, Json]) -> bool:
    """Whether an answer is one that `add_refusals` has described, not the document."""
    return response.get("description") == _SUMMARY


def add_refusals(tree: Json) -> Json:
    """Describe the answers of 4XX and 5XX that each operation lacks, and an answer where it has none; changes `tree`.

    Every refusal of the mock is then described, those of the document going first. Its `default` describes all of them,
    unless there is no success beside it: then it is what one looks like.
    """
    operations = [node for _, _, node in iter_operations(tree)]
    if not operations:
        return tree
    components = tree.setdefault("components", {})
    responses = components.setdefault("responses", {})
    name = "MockRefusal"
    while name in responses:
        name += "_"
    responses[name] = {"description": _SUMMARY, "x-assumed": True, "content": {PROBLEM: {"schema": _SCHEMA}}}
    for node in operations:
        described = node.get("responses") or {}
        if "default" not in described or not any(code.startswith(("2", "3")) for code in described):
            described = described or {
                "default": {"description": "The document describes no answer.", "x-assumed": True}
            }
            for code in ("4XX", "5XX"):
                described.setdefault(code, {"$ref": f"#/components/responses/{name}"})
        node["responses"] = described
    return tree
