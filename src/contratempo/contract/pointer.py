"""JSON pointers (RFC 6901): places in a tree, written down."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote

Parts = tuple[str | int, ...]

_IN_FRAGMENTS = "/~!$&'()*+,;=:@?"  # besides letters, digits and -._ (RFC 3986)


def to_pointer(parts: Iterable[str | int]) -> str:
    """Write parts as a pointer: `("a/b", 0)` is `/a~1b/0`, the root is the empty string."""
    texts: list[Any] = ["", *parts]
    try:
        pointer = "/".join(texts)
    except TypeError:  # places in lists are numbers
        texts = list(map(str, texts))
        pointer = "/".join(texts)
    if "~" in pointer or pointer.count("/") >= len(texts):  # which parts seldom have in them
        return "/".join([text.replace("~", "~0").replace("/", "~1") for text in texts])
    return pointer


def to_fragment(parts: Iterable[str | int]) -> str:
    """Write parts as the fragment of a reference: `("a b", 0)` is `#/a%20b/0`."""
    return "#" + in_fragment(to_pointer(parts))


def in_fragment(text: str) -> str:
    """A text as it is written in a reference after the `#`."""
    return quote(text, safe=_IN_FRAGMENTS)


def from_pointer(pointer: str) -> tuple[str, ...]:
    """Read a pointer or a fragment (`#/a~1b/0`, percent-decoded); ValueError if it is not one."""
    text = unquote(pointer[1:]) if pointer.startswith("#") else pointer
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError(f"{pointer!r} is not a JSON pointer")
    if "~" not in text:
        return tuple(text[1:].split("/"))
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))


def find(tree: Any, parts: Iterable[str | int]) -> Any:
    """The value at that place of the tree; KeyError if there is none."""
    node = tree
    for part in parts:
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and str(part).isdecimal() and int(part) < len(node):
            node = node[int(part)]
        else:
            raise KeyError(part)
    return node
