"""The routing view: what a router needs to know of the documents, and no schema."""

import re
from collections.abc import Sequence
from typing import Any

from .document import Document, Operation
from .source import DocumentError

_PARAMETER = re.compile(r"\{([^{}]+)\}")


def routing_view(documents: Sequence[Document]) -> dict[str, Any]:
    """An OpenAPI 3.0.3 skeleton of all documents that share a base path: paths, methods, ids, string path parameters.

    Operation ids become `document.operationId` (no document name has a dot). Concrete paths stand before templated
    ones. Two operations that one request would reach are a DocumentError.
    """
    bases = sorted({document.base for document in documents})
    if len(bases) > 1:
        raise DocumentError(
            f"documents of several base paths in one routing view: {', '.join(bases)}", hint="make one view each"
        )
    operations = [operation for document in documents for operation in document.operations.values()]
    _check_distinct(operations)
    paths: dict[str, Any] = {}
    for operation in sorted(
        operations, key=lambda operation: [bool(_PARAMETER.search(part)) for part in operation.path.split("/")]
    ):
        paths.setdefault(operation.path, {})[operation.method] = _skeleton(operation)
    return {"openapi": "3.0.3", "info": {"title": "routes", "version": "1"}, "paths": paths}


def _check_distinct(operations: Sequence[Operation]) -> None:
    seen: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        shape = (operation.method, _PARAMETER.sub("{}", operation.path))
        if shape in seen:
            names = f"{seen[shape].document!r} and {operation.document!r}"
            raise DocumentError(
                f"{operation.method.upper()} {operation.path} is in both {names}",
                pointer=operation.pointer,
                hint="serve one of them, or give one another base path",
            )
        seen[shape] = operation


def _skeleton(operation: Operation) -> dict[str, Any]:
    names = _PARAMETER.findall(operation.path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {
        "operationId": f"{operation.document}.{operation.id}",
        "parameters": parameters,
        "responses": {"default": {"description": "see the document"}},
    }
