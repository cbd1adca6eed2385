"""The plan of an operation's requests: a yes with the values that openapi-core would give, or no answer."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from jsonschema_path import SchemaPath
from openapi_core.datatypes import RequestParameters

from contratempo.contract.casting import Fields, HeaderFields, Resolve
from contratempo.contract.judge import Judge
from contratempo.contract.media import bare_media_type, is_json
from contratempo.contract.requests import RequestCheck
from contratempo.contract.source import Json
from contratempo.contract.weight import MOST_JUDGED, Growth

from .compiled import Accepts, compiled
from .credentials import shown
from .decoding import UNREAD, decode_plain
from .keywords import Unproven
from .parameters import Query, Scalars, copier, is_spread

Accepted = tuple[dict[str, Json], dict[str, Json], dict[str, Json]]
"""The values of parameters that are valid: those in the path, the query, and headers by lower-case name."""


class _Body(NamedTuple):
    """What says yes to a body, and how much that is to ask."""

    accepts: Accepts
    growth: Growth

    def may_take_long(self, raw: bytes) -> bool:
        """Whether that has to be reckoned first, as openapi-core's engine does: each value takes two bytes or more."""
        if len(raw) * self.growth.most[-1] <= 2 * MOST_JUDGED:
            return False
        return len(raw) * self.growth.at(raw.count(b"{") + raw.count(b"[")) > 2 * MOST_JUDGED


class RequestPlan:
    """The plan of one operation's requests under one judge."""

    def __init__(self, judge: Judge, check: RequestCheck, resolve: Resolve, *, naive: bool) -> None:
        self.check = check
        self._bodies = {
            name: _Body(accepts, judge.growth(check.operation / "requestBody" / "content" / name))
            for name, accepts in bodies_of(check.operation, resolve, naive=naive).items()
        }
        self._has_body, self._body_required = bool(check.content), check.body_required
        self._parameters: ParametersPlan | None
        try:
            self._parameters = ParametersPlan(judge, check, resolve, naive=naive)
        except Unproven:
            self._parameters = None

    def parameters(self, path: Mapping[str, str], query: bytes | str, headers: Mapping[str, str]) -> Accepted | None:
        """The values of parameters if they and the credentials are plainly valid."""
        try:
            return None if self._parameters is None else self._parameters.accepted(path, query, headers)
        except (TypeError, ValueError):  # a value that no JSON text stands for
            return None

    def body(self, raw: bytes, content_type: str) -> tuple[bool, Json]:
        """Whether a body is plainly valid, and its value; that is UNREAD if it has not been decoded."""
        if not raw or not self._has_body:
            return bool(raw) or not self._body_required, None
        body = self._bodies.get(content_type) or self._bodies.get(bare_media_type(content_type))
        if body is None or body.may_take_long(raw):
            return False, UNREAD
        value = decode_plain(raw)
        return value is not UNREAD and body.accepts(value), value


class ParametersPlan:
    """The plan of what is no body; Unproven if there is a parameter whose value is made of others' fields."""

    def __init__(self, judge: Judge, check: RequestCheck, resolve: Resolve, *, naive: bool) -> None:
        described: dict[str, list[tuple[str, SchemaPath]]] = {"path": [], "query": [], "header": [], "cookie": []}
        for location, name, parameter in check.described:
            described[location].append((name, parameter))
        if any("schema" in each and is_spread(each, resolve) for _, each in described["query"]):
            raise Unproven
        self._shown = shown(judge.spec, check.operation)
        self._path = Scalars(described["path"], resolve, lower=False, naive=naive)
        self._in_paths = len(described["path"])
        self._query = Query(described["query"], resolve, naive=naive)
        self._headers = Scalars(described["header"], resolve, lower=True, naive=naive) if described["header"] else None
        self._has_cookies = bool(described["cookie"])
        self._absent(check)

    def _absent(self, check: RequestCheck) -> None:
        """What openapi-core says of a request that has none of the parameters."""
        nothing = RequestParameters(query=Fields(), header=HeaderFields(), cookie=Fields(), path=Fields())
        values, missing = check.parameters(nothing, ())
        if any(each.location == "cookie" for each in missing):
            raise Unproven
        self._required_query = {str(each.path[0]) for each in missing if each.location == "query"}
        self._required_headers = {str(each.path[0]) for each in missing if each.location == "header"}
        self._default_query, self._member_defaults = copier(check.with_defaults(values.query)), check.defaults
        if not check.defaults.keys() <= self._query.objects:
            raise Unproven
        self._default_headers = copier({name.lower(): value for name, value in values.header.items()})

    def accepted(self, path: Mapping[str, str], query: bytes | str, headers: Mapping[str, str]) -> Accepted | None:
        if self._shown is not None and not self._shown(headers):
            return None
        if self._has_cookies and "cookie" in headers:
            return None
        if (in_path := self._in_path(path)) is None or (in_query := self._in_query(query)) is None:
            return None
        in_headers = {} if self._headers is None else self._in_headers(self._headers, headers)
        return None if in_headers is None else (in_path, in_query, in_headers)

    def _in_path(self, path: Mapping[str, str]) -> dict[str, Json] | None:
        if len(path) > self._in_paths and not "".join(path.values()).isprintable():
            return None  # in what is not described, either
        values = self._path.values(path)
        return values if values is not None and len(values) == self._in_paths else None

    def _in_query(self, query: bytes | str) -> dict[str, Json] | None:
        if not query:
            return None if self._required_query else self._default_query()
        values = self._query.values(query)
        if values is None or not self._required_query <= values.keys():
            return None
        filled = self._default_query()
        for name, value in values.items():
            defaults = self._member_defaults.get(name)
            filled[name] = value if defaults is None else {**defaults, **value}
        return filled

    def _in_headers(self, described: Scalars, headers: Mapping[str, str]) -> dict[str, Json] | None:
        values = described.values(headers)
        if values is None or not self._required_headers <= values.keys():
            return None
        return {**self._default_headers(), **values}


def bodies_of(holder: SchemaPath, resolve: Resolve, *, naive: bool) -> dict[str, Accepts]:
    """What says yes to the bodies of a request or an answer, for each media type of JSON that it describes."""
    body: Any = holder.get("requestBody", {}) if "responses" in holder else holder
    found = {}
    for media_type, described in body.get("content", {}).items() if body else ():
        if not is_json(media_type) or media_type != bare_media_type(media_type) or set("*?[") & set(media_type):
            continue
        try:
            if "encoding" not in described:
                schema = (described / "schema").read_value() if "schema" in described else True
                found[media_type] = compiled(schema, resolve, naive=naive)
        except Unproven:
            continue
    return found
