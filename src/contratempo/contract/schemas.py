"""The schemas of a document: where they stand, and that they are schemas."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import jsonschema_rs

from .pointer import Parts, find, from_pointer, to_pointer
from .references import BUNDLE, DATA, NAMED, objects
from .source import DocumentError, Json

MOST_SCHEMAS = 60_000
"""Schemas, and what is like one, in a document: they take 400 MB. GitHub's has 44,000."""
_META = "https://json-schema.org/draft/2020-12/schema"
_DIALECTS = {
    _META,
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
}


def schemas(node: Json, at: Parts = (), *, named: bool = False) -> Iterator[Parts]:
    """The places of the schemas that something is judged by: those of parameters and bodies, and the shared ones."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from schemas(item, (*at, index))
    elif isinstance(node, dict):
        for key, value in node.items():
            if (not named and key == "schema") or at == ("components", "schemas"):
                yield (*at, key)
            elif named or (key not in DATA and (key == BUNDLE or not key.startswith("x-"))):
                yield from schemas(value, (*at, key), named=not named and key in NAMED and isinstance(value, dict))


def check_schemas(tree: Json, file: Path) -> None:
    """Refuse what stands in the place of a schema, or is referred to by one, and is none; DocumentError says where."""
    checked: set[int] = set()
    followed: set[str] = set()
    _check_dialect(tree.get("jsonSchemaDialect"), ("jsonSchemaDialect",), file)
    count = 0
    for at in schemas(tree):
        schema = find(tree, at)
        _check(schema, at, checked, file)
        for _, part in objects(schema):
            count += 1
            if "$dynamicRef" in part:
                hint = "refer to the schema by $ref"
                raise DocumentError("a $dynamicRef cannot be used", file=file, pointer=to_pointer(at), hint=hint)
            if count > MOST_SCHEMAS:
                what = f"more than {MOST_SCHEMAS:,} schemas"
                raise DocumentError(what, file=file, pointer=to_pointer(at), hint="serve the document in parts")
            ref = part.get("$ref")
            if isinstance(ref, str) and ref not in followed:
                followed.add(ref)
                target = from_pointer(ref)
                _check(find(tree, target), target, checked, file)


def _check(schema: Json, at: Parts, checked: set[int], file: Path) -> None:
    if id(schema) in checked:
        return
    checked.add(id(schema))
    try:  # which ends at the first error: all of them may be many
        _meta_schema().validate(schema)
    except jsonschema_rs.ValidationError as error:
        pointer = to_pointer((*at, *error.instance_path))
        hint = "mend it; the OpenAPI specification, and for 3.1 JSON Schema 2020-12, say what may stand there"
        raise DocumentError(f"not a JSON schema: {error.message:.200}", file=file, pointer=pointer, hint=hint) from None


def _check_dialect(dialect: Json, at: Parts, file: Path) -> None:
    if dialect is not None and str(dialect).rstrip("#") not in _DIALECTS:
        hint = f"write {_META}, or leave it out"
        raise DocumentError(f"an unknown dialect: {dialect!r:.200}", file=file, pointer=to_pointer(at), hint=hint)


@lru_cache(maxsize=1)
def _meta_schema() -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": _META}, offline=True)
