"""OpenAPI Overlay 1.0: what the vendor's document leaves out, laid over it without editing it."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonpath.env import JSONPathEnvironment
from jsonpath.exceptions import JSONPathError

from .pointer import Parts, find, to_pointer
from .source import DocumentError, Json, copied

_ACTION_KEYS = {"target", "description", "update", "remove"}


def apply_overlay(document: Json, overlay: Json, *, file: str | Path = "overlay") -> Json:
    """A new document with the overlay's actions applied in order; the one given is left as it is.

    Targets are RFC 9535 JSONPath. `update` merges objects member by member, appends to arrays, replaces plain values;
    `remove: true` removes. A target that matches nothing, or a value that does not fit its target, is a DocumentError.
    `file` names the overlay in errors.
    """
    result = copied(document)
    for index, action in enumerate(_actions(overlay, file)):
        try:
            _apply(result, action)
        except _ActionError as error:
            raise DocumentError(
                f"{error} (target {action['target']})", file=file, pointer=f"/actions/{index}", hint=error.hint
            ) from None
    return result


def overlay_actions(overlay: Json, *, file: str | Path = "overlay") -> list[dict[str, Any]]:
    """What an overlay does, for people: one `{target, description, source, assumed}` per action, in order.

    `source` is the action's `x-source` (None if it has none), `assumed` whether it says `x-assumed: true`.
    """
    return [
        {
            "target": action["target"],
            "description": action.get("description"),
            "source": action.get("x-source"),
            "assumed": action.get("x-assumed") is True,
        }
        for action in _actions(overlay, file)
    ]


class _ActionError(Exception):
    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


def _actions(overlay: Json, file: str | Path) -> list[dict[str, Any]]:
    def check(holds: bool, what: str, pointer: str) -> None:
        if not holds:
            raise DocumentError(what, file=file, pointer=pointer, hint="see the OpenAPI Overlay 1.0 specification")

    check(isinstance(overlay, dict), "an overlay is a mapping", "")
    check(str(overlay.get("overlay", "")).startswith("1.0"), "not an overlay of version 1.0", "/overlay")
    info = overlay.get("info")
    check(isinstance(info, dict) and {"title", "version"} <= info.keys(), "info needs a title and a version", "/info")
    actions = overlay.get("actions")
    check(isinstance(actions, list) and bool(actions), "an overlay needs a list of actions", "/actions")
    for index, action in enumerate(actions or ()):
        at = f"/actions/{index}"
        check(isinstance(action, dict) and isinstance(action.get("target"), str), "an action needs a target", at)
        unknown = [key for key in action if key not in _ACTION_KEYS and not key.startswith("x-")]
        check(not unknown, f"an action has no field {', '.join(unknown)}", at)
        check("update" in action or action.get("remove") is True, "an action needs an update or remove: true", at)
    return list(actions or ())


def _apply(tree: Json, action: dict[str, Any]) -> None:
    places = _matches(tree, action["target"])
    if not places:
        raise _ActionError(
            "the target matches nothing", "the vendor's document may have changed: compare it, mend the target"
        )
    if action.get("remove") is True:
        _remove(tree, places)
        return
    for place in places:
        node = find(tree, place)
        if isinstance(node, list):
            node.append(copied(action["update"]))
        elif isinstance(node, dict) and isinstance(action["update"], dict):
            _merge(node, action["update"], place)
        else:
            raise _ActionError(
                f"{to_pointer(place)} cannot take that update", "objects take objects, arrays take an entry"
            )


def _matches(tree: Json, target: str) -> list[Parts]:
    try:
        return [tuple(match.parts) for match in _environment().finditer(target, tree)]
    except JSONPathError as error:
        first_line = str(error).partition("\n")[0]
        raise _ActionError(
            f"the target is not a JSONPath: {first_line}", "targets are RFC 9535, from the root $"
        ) from None


@lru_cache(maxsize=1)
def _environment() -> JSONPathEnvironment:
    return JSONPathEnvironment(strict=True)


def _remove(tree: Json, places: list[Parts]) -> None:
    if () in places:
        raise _ActionError("the whole document cannot be removed", "name what is to go")
    # Deepest first and last entry first, so that no removal moves a place still to be removed.
    for place in sorted(dict.fromkeys(places), key=_removal_order, reverse=True):
        del find(tree, place[:-1])[place[-1]]


def _removal_order(place: Parts) -> tuple[int, int]:
    last = place[-1]
    return len(place), last if isinstance(last, int) else 0


def _merge(node: dict[str, Json], update: dict[str, Json], place: Parts) -> None:
    for key, value in update.items():
        old = node.get(key)
        if key not in node:
            node[key] = copied(value)
        elif isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value, (*place, key))
        elif isinstance(old, list) and isinstance(value, list):
            old.extend(copied(value))
        elif isinstance(old, dict | list) or isinstance(value, dict | list):
            raise _ActionError(
                f"{to_pointer((*place, key))} cannot take that update", "objects merge with objects, arrays with arrays"
            )
        else:
            _replace(node, key, value)


def _replace(node: dict[str, Json], key: str, value: Json) -> None:
    """Put a member in the place of another, its key included: a marked key tells where its value was written."""
    members = [(key, value) if old == key else (old, kept) for old, kept in node.items()]
    node.clear()
    node.update(members)
