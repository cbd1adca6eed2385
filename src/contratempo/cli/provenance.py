"""Where an operation comes from: the fragment that has it, and the overlay actions that touch it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonpath import JSONPathEnvironment

from contratempo.contract.merging import merge
from contratempo.contract.overlay import apply_overlay, overlay_actions
from contratempo.contract.pointer import Parts, find, from_pointer
from contratempo.contract.source import load


@dataclass(frozen=True)
class Action:
    """An overlay action: its file and place there, and what it says of itself."""

    file: Path
    number: int
    target: str
    description: str | None
    source: str | None
    assumed: bool


def home(files: Sequence[Path], path: str, method: str) -> Path | None:
    """Return the first fragment that has the operation; None when an overlay added it."""
    return next((file for file in files if method in (load(file).get("paths") or {}).get(path, {})), None)


def touching(files: Sequence[Path], overlays: Sequence[Path], path: str, method: str) -> list[Action]:
    """Return the actions that made or changed the operation, or anything that it refers to, in order."""
    tree = load(files[0])
    for file in files[1:]:
        tree = merge(tree, load(file), file)
    steps: list[tuple[Action, Any, list[Parts]]] = []
    for file in overlays:
        overlay = load(file)
        for number, (said, action) in enumerate(
            zip(overlay_actions(overlay, file=file), overlay["actions"], strict=True)
        ):
            steps.append((Action(file, number, **said), action.get("update"), _places(tree, action["target"])))
            tree = apply_overlay(tree, {**overlay, "actions": [action]}, file=file)
    parts = list(_parts_of(tree, path, method))
    return [
        action
        for action, update, places in steps
        if any(_meets(place, update, part) for place in places for part in parts)
    ]


def _places(tree: Any, target: str) -> list[Parts]:
    return [tuple(match.parts) for match in JSONPathEnvironment(strict=True).finditer(target, tree)]


def _parts_of(tree: Any, path: str, method: str) -> Iterator[Parts]:
    """Yield the place of the operation, of its path's parameters, and of every component that they refer to."""
    waiting: list[Parts] = [("paths", path, method), ("paths", path, "parameters")]
    seen = set(waiting)
    while waiting:
        place = waiting.pop()
        yield place
        try:
            references = {from_pointer(reference) for reference in _references(find(tree, place))}
        except KeyError:
            continue
        waiting += references - seen
        seen |= references


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            yield reference
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _meets(place: Parts, update: Any, part: Parts) -> bool:
    """Say whether a change at `place` is inside `part`, or above it with `part` in what it lays there."""
    if place[: len(part)] == part:
        return True
    if part[: len(place)] != place:
        return False
    try:
        find(update, part[len(place) :])
    except KeyError:
        return False
    return True
