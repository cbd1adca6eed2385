"""A document in force: fragments merged, overlays applied, references bundled, checked, operations listed."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .bounds import MOST_OPERATIONS, check_bounds, check_path
from .dialect import make_strict
from .merging import merge
from .overlay import apply_overlay
from .pointer import Parts, to_pointer
from .references import bundle
from .refusals import add_refusals
from .schemas import check_schemas
from .servers import ServerError, server_of
from .source import DocumentError, Json, copied, load
from .structure import check_structure, check_version, followed, iter_operations
from .upgrade import upgrade

__all__ = ["Document", "Operation", "in_force", "iter_operations", "make_document", "read_document", "read_tree"]

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

    `files` are its fragments and `overlays` what was laid over them; none where the tree was made otherwise. One that
    is `bare` has no provider who knows more: see `add_refusals`.
    """

    name: str
    tree: Json
    base: str
    origin: str
    operations: Mapping[str, Operation]
    files: tuple[Path, ...] = ()
    overlays: tuple[Path, ...] = ()
    bare: bool = False

    def node(self, operation_id: str) -> dict[str, Any]:
        """What the document says of an operation; its path may be a reference."""
        operation = self.operations[operation_id]
        node: dict[str, Any] = followed(self.tree, self.tree["paths"][operation.path])[operation.method]
        return node


def read_document(
    name: str, files: Sequence[Path], overlays: Sequence[Path] = (), *, validate: bool = True, bare: bool = False
) -> Document:
    """Read the fragments of one vendor document and lay the overlays over them, in order.

    Whatever is wrong with any of them is a DocumentError that says where. `name` is lower-case letters, digits and `_`.
    Operations that have no operationId are given one: `get_calls_call_id` for `GET /calls/{call_id}`. With
    `validate` off schemas and structure are not checked, which takes most of the time: for what is known to be valid.
    """
    if not _NAME.fullmatch(name):
        raise DocumentError(f"{name!r} is not a name for a document", hint="use lower-case letters, digits and _")
    if not files:
        raise DocumentError(f"the document {name!r} has no files", hint="name at least one")
    try:
        document = make_document(name, read_tree(files, overlays), files[0], validate=validate, bare=bare)
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


def make_document(name: str, tree: Json, file: Path, *, validate: bool = True, bare: bool = False) -> Document:
    """A Document of a tree merged and overlaid; relative references start at `file`, and errors name it."""
    tree = bundle(copied(tree), file, file.parent, check=validate)
    check_version(tree, file)
    make_strict(tree)
    effective = upgrade(tree)
    if validate:
        check_schemas(effective, file)  # before the structure, whose schema does not say where a schema stands
        check_structure(tree, file)
        check_bounds(effective, file)
    effective = add_refusals(effective) if bare else effective
    origin, base = _server(effective.get("servers"), file, ("servers",))
    operations = _operations(name, effective, base, file)
    return Document(name, effective, base, origin, operations, bare=bare)


def in_force(tree: Json, *, bare: bool) -> Json:
    """What a bundled tree comes to: said in 3.1, and of a bare document with the answers that refusals have."""
    make_strict(tree)
    return add_refusals(upgrade(tree)) if bare else upgrade(tree)


def _mapping(file: Path, marked: bool) -> dict[str, Json]:
    tree = load(file, marked=marked)
    if not isinstance(tree, dict):
        raise DocumentError("an OpenAPI document is a mapping", file=file, hint="start it with openapi: 3.1.0")
    return tree


def _server(servers: Json, file: Path, at: Parts) -> tuple[str, str]:
    try:
        return server_of(servers)
    except ServerError as error:
        raise DocumentError(str(error), file=file, pointer=to_pointer((*at, 0, "url")), hint=error.hint) from None


def _operations(name: str, tree: Json, base: str, file: Path) -> dict[str, Operation]:
    operations: dict[str, Operation] = {}
    taken = {node.get("operationId") for _, _, node in iter_operations(tree)}
    for path, method, node in iter_operations(tree):
        if len(operations) >= MOST_OPERATIONS:
            what, hint = f"more than {MOST_OPERATIONS:,} operations", "serve the document in parts"
            raise DocumentError(what, file=file, pointer=to_pointer(("paths", path, method)), hint=hint)
        own = _own_base(tree, path, method, node, file)
        base_of = base if own is None else own
        identifier = node.get("operationId") or _free(_invented(method, path), taken)
        taken.add(identifier)
        operation = Operation(identifier, method, path, base_of, name)
        if operation.id in operations:
            raise DocumentError(
                f"two operations are called {operation.id!r}", file=file, pointer=operation.pointer, hint="rename one"
            )
        check_path(operation.base + path, ("paths", path), file)
        _check_security(tree, node, operation, file)
        operations[operation.id] = operation
    return operations


def _own_base(tree: Json, path: str, method: str, node: Json, file: Path) -> str | None:
    """The base path that an operation has of its own or of its path's servers; None if of neither."""
    if node.get("servers"):
        return _server(node["servers"], file, ("paths", path, method, "servers"))[1]
    item = followed(tree, tree["paths"][path])
    return _server(item["servers"], file, ("paths", path, "servers"))[1] if item.get("servers") else None


def _invented(method: str, path: str) -> str:
    return "_".join([method, *re.findall(r"[A-Za-z0-9]+", path)])


def _free(identifier: str, taken: Collection[str | None]) -> str:
    """The id, or with the first number that makes it one: `/jobs` and `/jobs/` are two paths."""
    numbered = (f"{identifier}_{number}" for number in range(2, len(taken) + 3))
    return identifier if identifier not in taken else next(each for each in numbered if each not in taken)


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
