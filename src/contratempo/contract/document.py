"""A document in force: fragments merged, overlays applied, references bundled, checked, operations listed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .merging import merge
from .overlay import apply_overlay
from .pointer import find, from_pointer, to_pointer
from .references import bundle
from .schemas import check_schemas
from .source import DocumentError, Json, load

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Operation:
    """One method of one path: `method` in lower case, `path` the template below `base` ("/v2"), `document` the name."""

    id: str
    method: str
    path: str
    base: str
    document: str

    @property
    def pointer(self) -> str:
        """Where it stands in its document's tree."""
        return to_pointer(("paths", self.path, self.method))


@dataclass(frozen=True)
class Document:
    """A document in force: its effective `tree`, the `base` path and `origin` (scheme and host) of its first server.

    `files` are its fragments and `overlays` what was laid over them; none where the tree was made otherwise.
    """

    name: str
    tree: Json
    base: str
    origin: str
    operations: Mapping[str, Operation]
    files: tuple[Path, ...] = ()
    overlays: tuple[Path, ...] = ()


def read_document(
    name: str, files: Sequence[Path], overlays: Sequence[Path] = (), *, validate: bool = True
) -> Document:
    """Read the fragments of one vendor document and lay the overlays over them, in order.

    Whatever is wrong with any of them is a DocumentError that says where. `name` is lower-case letters, digits and `_`.
    Operations that have no operationId are given one: `get_calls_call_id` for `GET /calls/{call_id}`. With
    `validate` off openapi-spec-validator is not asked, which takes most of the time: for what is known to be valid.
    """
    if not _NAME.fullmatch(name):
        raise DocumentError(f"{name!r} is not a name for a document", hint="use lower-case letters, digits and _")
    if not files:
        raise DocumentError(f"the document {name!r} has no files", hint="name at least one")
    try:
        document = make_document(name, read_tree(files, overlays), files[0], validate=validate)
    except RecursionError:
        raise DocumentError("nested too deeply", file=files[0], hint="name the inner parts and refer to them") from None
    return replace(document, files=tuple(files), overlays=tuple(overlays))


def read_tree(files: Sequence[Path], overlays: Sequence[Path], *, marked: bool = False) -> Json:
    """The fragments merged and the overlays applied; references are as they were written. `marked` is for `load`."""
    tree = _mapping(files[0], marked)
    for file in files[1:]:
        tree = merge(tree, _mapping(file, marked), file)
    for file in overlays:
        tree = apply_overlay(tree, load(file, marked=marked), file=file)
    return tree


def make_document(name: str, tree: Json, file: Path, *, validate: bool = True) -> Document:
    """A Document of a tree merged and overlaid; relative references start at `file`, and errors name it."""
    tree = bundle(deepcopy(tree), file, file.parent)
    if not str(tree.get("openapi", "")).startswith("3.1"):
        raise DocumentError("not an OpenAPI 3.1 document", file=file, pointer="/openapi", hint="write openapi: 3.1.0")
    check_schemas(tree, file)  # before the validator, which does not say where a schema stands
    if validate:
        _validate(tree, file)
    origin, base = _server(tree, file)
    operations = _operations(name, tree, base, file)
    return Document(name, tree, base, origin, operations)


def _mapping(file: Path, marked: bool) -> dict[str, Json]:
    tree = load(file, marked=marked)
    if not isinstance(tree, dict):
        raise DocumentError("an OpenAPI document is a mapping", file=file, hint="start it with openapi: 3.1.0")
    return tree


def _validate(tree: Json, file: Path) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # costs 200 ms: paid only by who reads a document

    paths = tree.get("paths")
    if isinstance(paths, dict):  # it takes extensions among the paths for paths
        tree = {**tree, "paths": {path: item for path, item in paths.items() if not path.startswith("x-")}}
    try:
        error = next(iter(OpenAPIV31SpecValidator(tree).iter_errors()), None)
    except Exception as failure:  # the validator trips over some of what it should report
        raise DocumentError(f"not a valid OpenAPI document: {failure!r:.300}", file=file) from failure
    if error is not None:
        pointer = to_pointer(getattr(error, "absolute_path", ()))
        what = str(getattr(error, "message", error))
        raise DocumentError(f"not a valid OpenAPI document: {what:.300}", file=file, pointer=pointer)


def _server(tree: Json, file: Path) -> tuple[str, str]:
    servers = tree.get("servers") or [{"url": ""}]
    try:
        url = urlsplit(servers[0]["url"])
    except ValueError:
        url = urlsplit("{}")
    if "{" in url.geturl():
        raise DocumentError(
            "a server address that cannot be used",
            file=file,
            pointer="/servers/0/url",
            hint="write it without variables",
        )
    origin = f"{url.scheme}://{url.netloc}" if url.netloc else ""
    return origin, url.path.rstrip("/")


def _operations(name: str, tree: Json, base: str, file: Path) -> dict[str, Operation]:
    operations: dict[str, Operation] = {}
    for path, method, node in iter_operations(tree):
        operation = Operation(node.get("operationId") or _invented(method, path), method, path, base, name)
        if operation.id in operations:
            raise DocumentError(
                f"two operations are called {operation.id!r}", file=file, pointer=operation.pointer, hint="rename one"
            )
        _check_security(tree, node, operation, file)
        operations[operation.id] = operation
    return operations


def iter_operations(tree: Json) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path template, method and node of each operation, in the document's order."""
    for path, item in (tree.get("paths") or {}).items():
        if path.startswith("x-"):
            continue
        while "$ref" in item:
            item = find(tree, from_pointer(item["$ref"]))
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _invented(method: str, path: str) -> str:
    return "_".join([method, *re.findall(r"[A-Za-z0-9]+", path)])


def _check_security(tree: Json, node: Json, operation: Operation, file: Path) -> None:
    """A requirement that names no scheme would let everybody in."""
    schemes = (tree.get("components") or {}).get("securitySchemes") or {}
    for requirement in node.get("security", tree.get("security")) or []:
        for scheme in requirement:
            if scheme not in schemes:
                raise DocumentError(
                    f"the security scheme {scheme!r} is not defined",
                    file=file,
                    pointer=operation.pointer,
                    hint="define it under components.securitySchemes",
                )
