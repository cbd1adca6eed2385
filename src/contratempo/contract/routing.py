"""The routing view: what a router needs to know of the documents, and no schema."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from .document import Document, Operation
from .source import DocumentError

_PARAMETER = re.compile(r"\{([^{}]+)\}")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def routing_view(documents: Sequence[Document], base: str) -> dict[str, Any]:
    """An OpenAPI 3.0.3 skeleton of all operations below a base path: paths, methods, ids, string path parameters.

    Below "/v2" are those of base "/v2/files", too. Operation ids become `document.operationId` (no document name has a
    dot), paths are as `template_of` has them, and concrete ones stand before templated ones. Two operations that one
    request would reach are a DocumentError.
    """
    operations = [
        operation
        for document in documents
        for operation in document.operations.values()
        if operation.base == base or operation.base.startswith(f"{base}/")
    ]
    _check_distinct(operations, {document.name: document for document in documents})
    paths: dict[str, Any] = {}
    below = [(operation.base[len(base) :] + template_of(operation.path), operation) for operation in operations]
    for path, operation in sorted(below, key=lambda each: specificity(each[0])):
        paths.setdefault(path, {})[operation.method] = _skeleton(operation)
    return {"openapi": "3.0.3", "info": {"title": "routes", "version": "1"}, "paths": paths}


def specificity(template: str) -> list[tuple[int, int]]:
    """A key that sorts templates: of two that fit a path the one with more written out comes first."""
    return [(0, 0) if "{" not in part else (1, -len(_PARAMETER.sub("", part))) for part in template.split("/")]


def template_of(path: str) -> str:
    """A path template as a router compares it: what is written out percent-encoded, parameters by plain names."""
    parts = _PARAMETER.split(path)
    names = iter(_plain_names(parts[1::2]))
    literals = [_encoded(part) for part in parts[::2]]
    return literals[0] + "".join(f"{{{next(names)}}}{literal}" for literal in literals[1:])


def renamed(path: str) -> dict[str, str]:
    """The parameters of a path that a router knows by another name: its name for each, and the document's."""
    names = _PARAMETER.findall(path)
    return {plain: name for plain, name in zip(_plain_names(names), names, strict=True) if plain != name}


def _plain_names(names: Sequence[str]) -> list[str]:
    return [name if _PLAIN_NAME.fullmatch(name) else f"parameter__{index}" for index, name in enumerate(names)]


def _encoded(literal: str) -> str:
    return "/".join(quote(segment, safe="%") for segment in literal.split("/"))


def _check_distinct(operations: Sequence[Operation], documents: dict[str, Document]) -> None:
    seen: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        shape = (operation.method, operation.base + _PARAMETER.sub("{}", operation.path))
        if shape in seen:
            first, files = seen[shape], documents[operation.document].files
            what = (
                f"{operation.method.upper()} {operation.path} is in both {first.document!r} and {operation.document!r}"
            )
            hint = "serve one of them, or give one another base path"
            if first.document == operation.document:
                what = f"{operation.method.upper()} {operation.path} and {first.path} are the same to a request"
                hint = "keep one of them"
            raise DocumentError(what, file=files[0] if files else "", pointer=operation.pointer, hint=hint)
        seen[shape] = operation


def _skeleton(operation: Operation) -> dict[str, Any]:
    names = _PARAMETER.findall(template_of(operation.path))
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {
        "operationId": f"{operation.document}.{operation.id}",
        "parameters": parameters,
        "responses": {"default": {"description": "see the document"}},
    }
