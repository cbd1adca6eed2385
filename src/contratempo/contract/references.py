"""References of a document: found, bundled into one tree, and held to lead somewhere."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .pointer import Parts, find, from_pointer, to_pointer
from .source import DocumentError, Json, load

BUNDLE = "x-files"
MAX_FILES = 500
_MAX_CHAIN = 100
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
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE = ("not", "if", "then", "else")


def bundle(tree: Json, file: Path, root: Path, *, marked: bool = False, check: bool = True) -> Json:
    """Bring what other files of `root` hold under `x-files`, and point the references there; changes `tree`.

    A remote reference, one that leaves `root`, or, with `check`, one that leads nowhere or comes back to itself is a
    DocumentError. `marked` is for `load`.
    """
    bundled: dict[Path, str] = {}
    shelf: dict[str, Json] = {}
    pending = [(tree, file, "#")]
    while pending:
        part, origin, prefix = pending.pop()
        for at, holder in references(part):
            target, fragment = _target(holder["$ref"], origin, root, at)
            if target is None:
                holder["$ref"] = prefix + fragment
                continue
            if target not in bundled:
                if len(bundled) >= MAX_FILES:
                    what = f"the document is split over more than {MAX_FILES} files"
                    raise DocumentError(what, file=origin, pointer=to_pointer((*at, "$ref")), hint="put some together")
                bundled[target] = f"file_{len(bundled)}"
                shelf[bundled[target]] = load(target, marked=marked)
                pending.append((shelf[bundled[target]], target, f"#/{BUNDLE}/{bundled[target]}"))
            holder["$ref"] = f"#/{BUNDLE}/{bundled[target]}{fragment}"
    if shelf:
        tree[BUNDLE] = shelf
    if check:
        _check(tree, file)
    return tree


def references(node: Json, at: Parts = (), named: bool = False) -> Iterator[tuple[Parts, dict[str, Json]]]:
    """Every reference object of a tree and where it stands; examples, defaults and extensions are not looked into."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from references(item, (*at, index))
    elif isinstance(node, dict):
        if not named and isinstance(node.get("$ref"), str):
            yield at, node
        for key, value in node.items():
            if named:
                yield from references(value, (*at, key))
            elif isinstance(value, dict) and key in NAMED:
                yield from references(value, (*at, key), named=True)
            elif key not in DATA and (not key.startswith("x-") or (at == () and key == BUNDLE)):
                yield from references(value, (*at, key), named=at == () and key == BUNDLE)


def _target(ref: str, origin: Path, root: Path, at: Parts) -> tuple[Path | None, str]:
    """The file a reference leads to (None: the one it stands in) and its fragment as a pointer."""
    here = to_pointer((*at, "$ref"))
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
    if url.fragment and not url.fragment.startswith("/"):
        raise DocumentError(
            f"the reference {ref!r} is not a JSON pointer", file=origin, pointer=here, hint="write it as #/components/…"
        )
    fragment = ref[ref.index("#") + 1 :] if "#" in ref else ""
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


def _check(tree: Json, file: Path) -> None:
    """Refuse references that lead nowhere, and schemas that come back to themselves with the same value."""
    heights: dict[Parts, int] = {}
    for at, holder in references(tree):
        try:
            find(tree, from_pointer(holder["$ref"]))
        except KeyError:
            raise DocumentError(
                f"the reference {holder['$ref']!r} leads nowhere",
                file=file,
                pointer=to_pointer((*at, "$ref")),
                hint="name something that exists",
            ) from None
    for at, _ in references(tree):
        _height(tree, tuple(str(part) for part in at), [], heights, file)


def _height(tree: Json, at: Parts, chain: list[Parts], heights: dict[Parts, int], file: Path) -> int:
    """How many steps lead on from here without consuming any of the value."""
    if at in chain:
        circle = " -> ".join(f"#{to_pointer(parts)}" for parts in (*chain[chain.index(at) :], at))
        raise DocumentError(
            f"a reference that comes back to itself: {circle}",
            file=file,
            pointer=to_pointer(at),
            hint="break the circle",
        )
    if at not in heights:
        if len(chain) >= _MAX_CHAIN:
            raise DocumentError(
                f"a chain of more than {_MAX_CHAIN} references",
                file=file,
                pointer=to_pointer(chain[0]),
                hint="shorten it",
            )
        chain.append(at)
        heights[at] = 1 + max((_height(tree, step, chain, heights, file) for step in _steps(tree, at)), default=0)
        chain.pop()
    if heights[at] + len(chain) > _MAX_CHAIN:
        raise DocumentError(
            f"a chain of more than {_MAX_CHAIN} references", file=file, pointer=to_pointer(at), hint="shorten it"
        )
    return heights[at]


def _steps(tree: Json, at: Parts) -> Iterator[Parts]:
    node = find(tree, at)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        yield from_pointer(node["$ref"])
    for key in _IN_PLACE_LISTS:
        if isinstance(node.get(key), list):
            for index in range(len(node[key])):
                yield (*at, key, str(index))
    for key in _IN_PLACE:
        if isinstance(node.get(key), dict):
            yield (*at, key)
