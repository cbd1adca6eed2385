"""The structure of a document: that it is OpenAPI, of a version that is served, and says what it has to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .pointer import Parts, find, from_pointer, to_pointer
from .references import BUNDLE, NAMED, references
from .source import DocumentError, Json

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = re.compile(r"\{([^{}]*)\}")


def check_version(tree: Json, file: Path) -> None:
    """Refuse what is not OpenAPI 3.0 or 3.1, saying what it is."""
    version = str(tree.get("openapi", ""))
    if re.match(r"3\.[01](\.|$)", version):
        return
    if "swagger" in tree:
        what, pointer = f"a Swagger {tree['swagger']!s:.20} document", "/swagger"
        hint = "convert it to OpenAPI 3, for example by npx swagger2openapi"
    elif version:
        what, pointer = f"OpenAPI {version:.20} is not served", "/openapi"
        hint = "write openapi: 3.1.0, if it has nothing that 3.1 lacks"
    else:
        what, pointer, hint = "not an OpenAPI document", "/openapi", "start it with openapi: 3.1.0"
    raise DocumentError(f"not an OpenAPI 3.0 or 3.1 document: {what}", file=file, pointer=pointer, hint=hint)


def check_structure(tree: Json, file: Path) -> None:
    """Refuse a bundled document that breaks the schema of its version, or whose parameters contradict its paths.

    openapi-spec-validator's schema is asked, not its walk over the operations: that takes seconds for a thousand of
    them, and refuses what is allowed (a required member that nothing describes).
    """
    paths = tree.get("paths")
    plain = {key: value for key, value in tree.items() if key != BUNDLE}
    if isinstance(paths, dict):  # 3.1's schema takes extensions among the paths for paths
        plain["paths"] = {path: item for path, item in paths.items() if not path.startswith("x-")}
    for what, place in _errors(plain, file):
        raise _invalid(what, to_pointer(place), file)
    targets = _targets(tree)
    for what, place in _errors(_as_document(tree, targets), file):
        number = next((part for part in map(str, place) if re.fullmatch("/?x[0-9]+", part)), "x0")
        at = targets[int(number.strip("/x"))][0]
        raise _invalid(f"a reference leads to something of another kind: {what}", to_pointer(at), file)
    for path, method, node in iter_operations(tree):
        _check_parameters(tree, path, method, node, file)


def _errors(document: Json, file: Path) -> Iterator[tuple[str, Parts]]:
    from openapi_spec_validator.schemas import openapi_v30_schema_validator, openapi_v31_schema_validator

    is_30 = str(document["openapi"]).startswith("3.0")
    validator = openapi_v30_schema_validator if is_30 else openapi_v31_schema_validator
    try:  # which ends at the first error: all of them may be many
        validator.validate(document)
    except Exception as failure:
        error = failure.__cause__ or failure  # the first knows the place, the second only what is wrong
        if not hasattr(error, "message"):  # the validator trips over some of what it should report
            raise _invalid(repr(failure), "", file) from failure
        yield _deepest(error)


def _invalid(what: str, pointer: str, file: Path) -> DocumentError:
    hint = "mend it; the OpenAPI specification says what may stand there"
    return DocumentError(f"not a valid OpenAPI document: {what:.300}", file=file, pointer=pointer or None, hint=hint)


def _deepest(error: Any) -> tuple[str, Parts]:
    """What is wrong and where: of a choice between forms that all fail, what the one that came furthest says."""
    place: Parts = tuple(error.instance_path)
    inner = [_deepest(each) for form in _forms(error) for each in form]
    return max([*inner, (str(error.message).partition("\n")[0], place)], key=lambda each: len(each[1]))


def _forms(error: Any) -> Iterator[list[Any]]:
    """What is wrong with each form that something might have; nobody who writes no `$ref` means a reference."""
    for form in getattr(error.kind, "context", ()):
        if [each.message for each in form] != ['"$ref" is a required property']:
            yield form


_KINDS = ("responses", "parameters", "examples", "requestBodies", "headers", "links", "callbacks")
_PATHS = ("paths", "pathItems", "webhooks")


def _targets(tree: Json) -> list[tuple[Parts, str]]:
    """What is referred to as something that is no schema: where it stands, and as what of `components`."""
    found: dict[tuple[Parts, str], None] = {}
    for at, holder in references(tree):
        kind, above = ("requestBodies", at[-2:-1]) if at[-1:] == ("requestBody",) else (_last(at[:-1]), at[-3:-2])
        kind = "pathItems" if kind in _PATHS and len(at) < 4 else kind
        if (kind in _KINDS or kind == "pathItems") and _last(above) not in NAMED:  # a property may be called "headers"
            found[from_pointer(holder["$ref"]), kind] = None
    return list(found)


def _last(at: Parts) -> str:
    return str(at[-1]) if at else ""


def _as_document(tree: Json, targets: list[tuple[Parts, str]]) -> Json:
    components: dict[str, Json] = {kind: {} for kind in _KINDS}
    paths: dict[str, Json] = {}
    for number, (at, kind) in enumerate(targets):
        into = paths if kind == "pathItems" else components[kind]
        into[f"/x{number}" if kind == "pathItems" else f"x{number}"] = find(tree, at)
    info = {"title": "t", "version": "1"}
    return {"openapi": tree["openapi"], "info": info, "paths": paths, "components": components}


def iter_operations(tree: Json) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path template, method and node of each operation, in the document's order."""
    for path, item in (tree.get("paths") or {}).items():
        if path.startswith("x-"):
            continue
        item = followed(tree, item)
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def followed(tree: Json, node: Json) -> Json:
    """A node, or what it refers to in the end."""
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        node = find(tree, from_pointer(node["$ref"]))
    return node


def _check_parameters(tree: Json, path: str, method: str, node: Json, file: Path) -> None:
    """Every parameter once, and every name in a path described: a request could not be judged otherwise."""
    item = followed(tree, tree["paths"][path])
    pointer = to_pointer(("paths", path, method))
    described: set[tuple[str, str]] = set()
    for part in (item, node):
        here: set[tuple[str, str]] = set()
        for parameter in (followed(tree, each) for each in part.get("parameters") or ()):
            key = parameter["in"], parameter["name"]
            if key in here:
                raise _invalid(f"the {key[0]} parameter {key[1]!r} is described twice", pointer, file)
            here.add(key)
        described |= here
    for name in dict.fromkeys(_PARAMETER.findall(path)):
        if path.count("{" + name + "}") > 1:
            raise _invalid(f"the path names {{{name}}} twice", pointer, file)
        if ("path", name) not in described:
            raise _invalid(f"the path has {{{name}}}, and no path parameter of that name is described", pointer, file)
