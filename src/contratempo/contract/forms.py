"""Bodies that are not JSON: forms, whose fields are put together as the schema's object, and texts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .body import BodyError, decode_body
from .casting import Resolve, caster, members_of, read_query, reader, types_of, undecodable
from .media import bare_media_type, is_json
from .source import Json

URLENCODED: Final = "application/x-www-form-urlencoded"
UNJUDGED: Final = object()
"""Stands for a body that is not looked into: XML, or bytes that no schema of strings speaks of."""
_MAX_PARTS: Final = 1_000
_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;",]{1,200}))', re.IGNORECASE)
_NAME: Final = re.compile(r'[;\s]name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
_OPAQUE: Final = ("xml", "yaml")


class Form:
    """How bodies of one media type are read: `node` is what the document says of it."""

    def __init__(self, node: Mapping[str, Any], resolve: Resolve) -> None:
        self._schema: Json = node.get("schema", {})
        self._types = types_of(self._schema, resolve)
        self._members, self._resolve = members_of(self._schema, resolve), resolve
        encoding = node.get("encoding", {})
        self._readers = {
            name: reader(
                name,
                said.get("style", "form"),
                said.get("explode", said.get("style", "form") == "form"),
                schema,
                resolve,
            )
            for name, schema in self._members.items()
            for said in [encoding.get(name, {})]
            if "style" in said or "explode" in said
        }
        self._cast = caster(self._schema, resolve)

    def read(self, raw: bytes, content_type: str) -> Json:
        """The value of a body, or UNJUDGED; BodyError for one that cannot be read."""
        media_type = bare_media_type(content_type)
        if media_type == URLENCODED:
            return self._cast(dict(self._urlencoded(raw)))
        if media_type.startswith("multipart/"):
            return self._cast(dict(self._multipart(raw, content_type)))
        if media_type.endswith(_OPAQUE) or (self._types and "string" not in self._types and media_type[:5] != "text/"):
            return UNJUDGED
        if media_type[:5] != "text/":
            return raw.decode("latin-1")  # each byte a character, so that lengths mean bytes
        try:
            return self._cast(raw.decode("utf-8"))
        except UnicodeDecodeError:
            raise BodyError("encoding", "the body is not UTF-8") from None

    def _urlencoded(self, raw: bytes) -> Iterator[tuple[str, Json]]:
        fields = read_query(raw)
        if any(map(undecodable, (*fields, *(value for values in fields.values() for value in values)))):
            raise BodyError("encoding", "the form is not UTF-8")
        taken: set[str] = set()
        for name, read in self._readers.items():
            members = [key for key in fields if key.startswith(f"{name}[")] or [
                *members_of(self._members[name], self._resolve)
            ]
            taken |= {name, *members}
            try:
                yield name, read(fields)
            except KeyError:
                continue
            except ValueError:
                raise BodyError("json", f"the field {name!r:.80} cannot be read in its style") from None
        for name, values in fields.items():
            if name not in taken:
                yield name, self._member(name, list[Json](values))

    def _multipart(self, raw: bytes, content_type: str) -> Iterator[tuple[str, Json]]:
        fields: dict[str, list[Json]] = {}
        for name, media_type, content in _parts(raw, content_type):
            fields.setdefault(name, []).append(_decoded(media_type, content))
        for name, values in fields.items():
            yield name, self._member(name, values)

    def _member(self, name: str, values: list[Json]) -> Json:
        """The value of a field: all that were sent for an array, the last for anything else."""
        schema = self._members.get(name, {})
        types = types_of(schema, self._resolve)
        if "array" in types and "string" not in types:
            items = [_structured(value, _items(schema, self._resolve), self._resolve) for value in values]
            return items[0] if len(items) == 1 and isinstance(items[0], list) else items
        if not types and len(values) > 1:
            return values
        return _structured(values[-1], schema, self._resolve)


def _items(schema: Json, resolve: Resolve) -> Json:
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = resolve(schema["$ref"])
    return schema.get("items", {}) if isinstance(schema, dict) else {}


def _structured(value: Json, schema: Json, resolve: Resolve) -> Json:
    """A field whose schema is of objects holds JSON."""
    types = types_of(schema, resolve)
    if not isinstance(value, str) or "object" not in types or "string" in types:
        return value
    try:
        return decode_body(value.encode())
    except BodyError:
        return value


def _decoded(media_type: str, content: bytes) -> Json:
    if is_json(media_type):
        return decode_body(content)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _parts(raw: bytes, content_type: str) -> Iterator[tuple[str, str, bytes]]:
    """Name, media type and content of each part of a multipart body."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise BodyError("json", "the content type names no boundary")
    delimiter = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    _, *parts = (b"\r\n" + raw).split(b"\r\n" + delimiter, _MAX_PARTS + 1)
    if not parts or len(parts) > _MAX_PARTS or not parts[-1].startswith(b"--"):
        raise BodyError(
            "json", f"the body is not of parts between boundaries, {_MAX_PARTS} at most, the last one closed"
        )
    for part in parts[:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = {
            key.strip().lower(): value.strip()
            for key, colon, value in (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n"))
            if colon
        }
        name = _NAME.search(headers.get("content-disposition", ""))
        if name is None:
            raise BodyError("json", "a part of the body has no name")
        yield (name[1] or name[2] or ""), bare_media_type(headers.get("content-type", "")), content
