"""References of a document: found, bundled into one tree, and held to lead somewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

from .heights import Heights
from .plainjson import count_values
from .pointer import Parts, find, from_pointer, in_fragment, to_fragment, to_pointer
from .source import MAX_NODES, DocumentError, Json, load

BUNDLE = "x-files"
MAX_FILES = 500
_LONGEST = 4_000  # characters of a reference: each part of a file's name is looked up
_SHOWN = 100
# Below these keys a dict's own keys are names that people chose: a property called "$ref" is just a property.
NAMED = frozenset(
    [
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "schemas",
        "responses",
        "parameters",
        "examples",
        "requestBodies",
        "headers",
        "securitySchemes",
        "links",
        "callbacks",
        "pathItems",
        "paths",
        "webhooks",
        "content",
        "variables",
        "encoding",
        "mapping",
        "scopes",
    ]
)
# Below these keys lies data, where "$ref" means nothing.
DATA = frozenset(("example", "default", "enum", "const", "value", "examples"))


def bundle(tree: Json, file: Path, root: Path, *, marked: bool = False, check: bool = True) -> Json:
    """Bring what other files of `root` hold under `x-files`, and point the references there; changes `tree`.

    A remote reference, one that leaves `root`, or, with `check`, one that leads nowhere or comes back to itself is a
    DocumentError. `marked` is for `load`.
    """
    bundled: dict[Path, str] = {}
    shelf: dict[str, Json] = {}
    pending = [(tree, file, "#")]
    found: list[tuple[Parts, dict[str, Json]]] = []
    anchors = _Anchors()
    left = 0  # of the values that all files may have; counted from the second file on
    while pending:
        part, origin, prefix = pending.pop()
        read: dict[str, tuple[Path | None, str]] = {}
        below = from_pointer(prefix)
        for at, holder in references(part):
            found.append(((*below, *at), holder))
            ref = holder["$ref"]
            if ref not in read:
                read[ref] = _target(ref, origin, root, at)
            target, fragment = read[ref]
            here = to_pointer((*at, "$ref"))
            if target is None:
                holder["$ref"] = prefix + anchors.pointer(part, fragment, origin, here)
                continue
            if target not in bundled:
                if len(bundled) >= MAX_FILES:
                    what = f"the document is split over more than {MAX_FILES} files"
                    raise DocumentError(what, file=origin, pointer=here, hint="put some together")
                bundled[target] = f"file_{len(bundled)}"
                left = left if shelf else MAX_NODES - count_values(tree, MAX_NODES)
                shelf[bundled[target]] = load(target, marked=marked)
                left -= count_values(shelf[bundled[target]], MAX_NODES)
                if left < 0:
                    what = f"the files of the document have more than {MAX_NODES:,} values together"
                    hint = "serve the document in parts"
                    raise DocumentError(what, file=origin, pointer=here, hint=hint)
                pending.append((shelf[bundled[target]], target, f"#/{BUNDLE}/{bundled[target]}"))
            fragment = anchors.pointer(shelf[bundled[target]], fragment, origin, here)
            holder["$ref"] = f"#/{BUNDLE}/{bundled[target]}{fragment}"
    if shelf:
        tree[BUNDLE] = shelf
    if check:
        _check(tree, found, file)
    return tree


# Where a part stands: what it is a part of, and under which key; None is the root. Pointers are made of the few.
_Place: TypeAlias = "tuple[_Place, str | int] | None"


def references(node: Json, at: Parts = (), named: bool = False) -> Iterator[tuple[Parts, dict[str, Json]]]:
    """Every reference object of a tree and where it stands; examples, defaults and extensions are not looked into."""
    for place, found in objects(node, named, whole=not at):
        if isinstance(found.get("$ref"), str):
            yield (*at, *_parts(place)), found


def objects(node: Json, named: bool = False, *, whole: bool = False) -> Iterator[tuple[_Place, dict[str, Json]]]:
    """Every mapping of a tree whose keys are not names that people chose; `whole` says that it is of a document."""
    waiting: list[tuple[Json, _Place, bool]] = [(node, None, named)]
    while waiting:
        node, place, named = waiting.pop()
        if isinstance(node, list):
            inner = [(item, (place, index), False) for index, item in enumerate(node) if isinstance(item, dict | list)]
        else:
            if not isinstance(node, dict):
                continue
            if not named:
                yield place, node
            is_root = place is None and whole
            inner = [
                (value, (place, key), not named and _is_named(key, value, is_root))
                for key, value in node.items()
                if isinstance(value, dict | list) and (named or _is_looked_into(key, value, is_root))
            ]
        inner.reverse()
        waiting += inner


def _is_named(key: str, value: Json, is_root: bool) -> bool:
    return isinstance(value, dict) and (key in NAMED or (is_root and key == BUNDLE))


def _is_looked_into(key: str, value: Json, is_root: bool) -> bool:
    if key in NAMED and isinstance(value, dict):
        return True
    return key not in DATA and (not key.startswith("x-") or (is_root and key == BUNDLE))


def _parts(place: _Place) -> Parts:
    parts: list[str | int] = []
    while place is not None:
        place, part = place
        parts.append(part)
    return tuple(reversed(parts))


def _target(ref: str, origin: Path, root: Path, at: Parts) -> tuple[Path | None, str]:
    """The file a reference leads to (None: the one it stands in) and its fragment as a pointer."""
    here = to_pointer((*at, "$ref"))
    if len(ref) > _LONGEST:
        what, hint = f"the reference {ref[:_SHOWN]!r}... is longer than {_LONGEST:,} characters", "shorten it"
        raise DocumentError(what, file=origin, pointer=here, hint=hint)
    try:
        url = urlsplit(ref)
    except ValueError:
        url = urlsplit("invalid://")
    if url.scheme or url.netloc:
        raise DocumentError(
            f"the reference {ref!r} is remote",
            file=origin,
            pointer=here,
            hint="copy what it names into the document",
        )
    fragment = in_fragment(unquote(ref[ref.index("#") + 1 :])) if "#" in ref else ""
    if not url.path:
        return None, fragment
    try:
        target = (origin.parent / unquote(url.path)).resolve()
    except (OSError, RuntimeError, ValueError):  # a circle of links, or a name with a NUL in it
        what = f"the reference {ref!r:.200} is not the name of a file"
        raise DocumentError(what, file=origin, pointer=here, hint="name a file beside the document") from None
    if not target.is_relative_to(root.resolve()):
        raise DocumentError(
            f"the reference {ref!r} leaves the folder of the document",
            file=origin,
            pointer=here,
            hint="move the file inside",
        )
    return target, fragment


class _Anchors:
    """The names that schemas have of their own (`$anchor`), looked for in a file when one is first referred to."""

    def __init__(self) -> None:
        self._known: dict[int, dict[str, list[Parts]]] = {}

    def pointer(self, tree: Json, fragment: str, file: Path, here: str) -> str:
        """The pointer that a fragment is, or that its name stands for in the tree."""
        if not fragment or fragment.startswith("/"):
            return fragment
        if id(tree) not in self._known:
            self._known[id(tree)] = _anchored(tree)
        places = self._known[id(tree)].get(unquote(fragment), [])
        if len(places) == 1:
            return to_fragment(places[0])[1:]
        what = "is neither a JSON pointer nor an $anchor" if not places else "is an $anchor of several schemas"
        hint = "write it as #/components/…"
        raise DocumentError(f"the reference '#{fragment:.200}' {what}", file=file, pointer=here, hint=hint)


def _anchored(tree: Json) -> dict[str, list[Parts]]:
    found: dict[str, list[Parts]] = {}
    for place, node in objects(tree, whole=True):
        if isinstance(node.get("$anchor"), str):
            found.setdefault(node["$anchor"], []).append(_parts(place))
    return found


def _check(tree: Json, found: list[tuple[Parts, dict[str, Json]]], file: Path) -> None:
    """Refuse references that lead nowhere, and schemas that come back to themselves with the same value."""
    targets: dict[str, tuple[Parts, Json]] = {}
    is_old = str(tree.get("openapi")).startswith("3.0")
    for at, holder in found:
        ref = holder["$ref"]
        if ref in targets:
            continue
        try:
            targets[ref] = target, _ = _led_to(tree, ref)
        except KeyError:
            raise DocumentError(
                f"the reference {ref!r:.200} leads nowhere",
                file=file,
                pointer=to_pointer((*at, "$ref")),
                hint="name something that exists",
            ) from None
        if _is_data(tree, target):
            what = f"the reference {ref!r:.200} leads into an example, a default or an extension"
            hint = "move what it names to components: there $ref means nothing, and nobody has seen where it leads"
            raise DocumentError(what, file=file, pointer=to_pointer((*at, "$ref")), hint=hint)
        if is_old and _is_beside(tree, target):
            what = f"the reference {ref!r:.200} leads into what stands beside a $ref, which OpenAPI 3.0 ignores"
            hint = "refer to where that $ref leads, or move what it names to components"
            raise DocumentError(what, file=file, pointer=to_pointer((*at, "$ref")), hint=hint)
    heights = Heights(targets, file)
    for at, holder in found:
        heights.of(at, holder)


def _led_to(tree: Json, ref: str) -> tuple[Parts, Json]:
    target = from_pointer(ref)
    return target, find(tree, target)


def _is_data(tree: Json, target: Parts) -> bool:
    """Whether a place is one that `references` does not look into: nobody has seen where it leads."""
    node, named = tree, False
    for depth, part in enumerate(target):
        if isinstance(node, list):
            node, named = node[int(part)], False
            continue
        key, value = str(part), node[part]
        if not named and not _is_looked_into(key, value, depth == 0):
            return True
        node, named = value, not named and _is_named(key, value, depth == 0)
    return False


def _is_beside(tree: Json, target: Parts) -> bool:
    """Whether a place is within what stands beside a reference."""
    node = tree
    for part in target:
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            return True
        node = find(node, (part,))
    return False
