"""Places: what the judge walked to, told as a place of the document that people wrote."""

from collections.abc import Iterable

from .formats import INTEGER_BOUNDS
from .pointer import Parts, find, from_pointer
from .prepare import siblings
from .source import Json


def place(tree: Json, walked: Iterable[str]) -> Parts:
    """The place in an effective tree of what the judge walked to; of what is not there, the longest part that is.

    `walked` has a part "$ref" for some of the references on its way, none for others, and follows what `prepare` made
    of the tree: an allOf for a $ref with siblings, bounds for a format.
    """
    at: Parts = ()
    node, rest = tree, list(walked)[::-1]
    while rest:
        part = rest.pop()
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if part == "allOf" and rest and siblings(node):
                at, node = _beside(at, node, int(rest.pop()))
                continue
            if part == "$ref" or not siblings(node):
                rest += [part] if part != "$ref" else []
                at, node = _led(tree, node["$ref"])
                continue
        step = _step(node, part)
        if step is None:
            break
        at, node = (*at, step), node[step]
    return at


def _led(tree: Json, ref: str) -> tuple[Parts, Json]:
    """Where a reference leads, and what is there: a part that is a place in a list is a number."""
    at: Parts = ()
    node = tree
    for part in from_pointer(ref):
        at = (*at, int(part) if isinstance(node, list) else part)
        node = find(node, (part,))
    return at, node


def _beside(at: Parts, node: Json, index: int) -> tuple[Parts, Json]:
    """An entry of the allOf made for a $ref with siblings: the first is the $ref, the others are the node's own."""
    return (at, node) if index == 0 else ((*at, "allOf", index - 1), node["allOf"][index - 1])


def _step(node: Json, part: str) -> str | int | None:
    if isinstance(node, list):
        return int(part) if part.isdecimal() and int(part) < len(node) else None
    if not isinstance(node, dict):
        return None
    if part in ("minimum", "maximum") and part not in node and node.get("format") in INTEGER_BOUNDS:
        return "format"
    return part if part in node else None
