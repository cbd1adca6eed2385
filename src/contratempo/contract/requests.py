"""What is checked of a request beside and around openapi-core: what was sent, its body, its defaults."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from openapi_core.datatypes import Parameters as Values
from openapi_core.datatypes import RequestParameters

from .body import BodyError, decode_body
from .casting import (
    Fields,
    HeaderFields,
    Resolve,
    defaults_of,
    read_cookies,
    read_query,
    types_of,
    undecodable,
    variants,
)
from .document import Operation
from .forms import UNJUDGED, Form
from .judge import Described, Judge
from .media import accepts, bare_media_type, is_json, media_type_violation
from .plan.decoding import UNREAD
from .pointer import Parts, to_pointer
from .source import Json
from .violation import Violation

if TYPE_CHECKING:  # which stands on this
    from .plan.requests import RequestPlan

_LOST_PLUS = re.compile(r"T[0-9:.]+ [0-9]{2}:[0-9]{2}$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Sent(NamedTuple):
    """A request as it was sent: path parameters decoded, the query raw, headers by lower-case name."""

    path: Mapping[str, str]
    query: bytes | str
    headers: Sequence[tuple[str, str]]
    body: bytes


class Checked(NamedTuple):
    """A request as the document sees it: what breaks it, and its values, cast and with defaults filled in.

    `headers` holds the header parameters the document declares, by lower-case name. When there are violations the
    values are as far as they could be read. Strings with a format stay the strings that were sent.
    """

    violations: tuple[Violation, ...]
    path: dict[str, Json]
    query: dict[str, Json]
    headers: dict[str, Json]
    body: Json


class RequestCheck:
    """The checks of one operation's requests under one judge."""

    def __init__(self, judge: Judge, operation: Operation, resolve: Resolve) -> None:
        self.judge, self.resolve, self._request = judge, resolve, judge.request
        self.operation = judge.operation(operation)
        self.described = judge.described(operation)
        schemas: dict[tuple[str, str], Json] = {
            (location, name): parameter["schema"].read_value() if "schema" in parameter else {}
            for location, name, parameter in self.described
        }
        self._optional = {
            (location, name): name.lower() if location == "header" else name
            for (location, name), schema in schemas.items()
            if _is_sent_by_name(schema, resolve)
        }
        for location, name, parameter in self.described:
            if "content" in parameter or (parameter / "required").read_bool(default=False):
                self._optional.pop((location, name), None)
        self._single_headers = [
            name
            for (location, name), schema in schemas.items()
            if location == "header" and "array" not in types_of(schema, resolve)
        ]
        members = {
            name: defaults_of(schema, resolve) for (location, name), schema in schemas.items() if location == "query"
        }
        self.defaults = {name: defaults for name, defaults in members.items() if defaults}
        body: Any = self.operation.get("requestBody", {})
        self.content: list[str] = list(body["content"].keys()) if body else []
        self.body_required = body.get("required") is True
        self._forms = {
            bare_media_type(name): Form(body["content"][name].read_value(), resolve)
            for name in self.content
            if not is_json(bare_media_type(name))
        }

    def checked(self, sent: Sent, plan: "RequestPlan | None" = None) -> Checked:
        """The verdict on a request: what the plan, if there is one, does not accept is for openapi-core to judge."""
        headers = dict(sent.headers)
        if plan is None or len(headers) != len(sent.headers):
            return self._judged(sent, None)
        accepted = plan.parameters(sent.path, sent.query, headers)
        if accepted is None:
            return self._judged(sent, plan)
        in_path, in_query, in_headers = accepted
        value, found = self._body(sent.body, headers.get("content-type", ""), plan)
        return Checked(found, in_path, in_query, in_headers, value)

    def _judged(self, sent: Sent, plan: "RequestPlan | None") -> Checked:
        fields = read_request(sent.path, sent.query, sent.headers)
        refused = self.credentials(fields)
        if refused:
            return Checked(tuple(map(self.located, refused)), {}, {}, {}, None)
        broken = [*undecodable_parts(fields), *self.duplicates(fields)]
        values, found = self.parameters(fields, broken)
        value, body_found = self._body(sent.body, fields.header.get("content-type", [""])[-1], plan)
        in_headers = {name.lower(): each for name, each in values.header.items()}
        violations = (*map(self.located, (*broken, *found)), *body_found)
        return Checked(violations, dict(values.path), self.with_defaults(values.query), in_headers, value)

    def _body(self, raw: bytes, content_type: str, plan: "RequestPlan | None") -> tuple[Json, tuple[Violation, ...]]:
        is_accepted, value = (False, UNREAD) if plan is None else plan.body(raw, content_type)
        if is_accepted:
            return value, ()
        value, found = self.body(raw, content_type, value)
        return value, tuple(map(self.located, found))

    def credentials(self, sent: RequestParameters) -> tuple[Violation, ...]:
        return tuple(self._request.security_errors(sent, self.operation))

    def duplicates(self, sent: RequestParameters) -> Iterator[Violation]:
        for name in self._single_headers:
            if len(sent.header.get(name.lower(), ())) > 1:
                yield Violation("header", (name.lower(),), "duplicate", "is sent more than once")

    def parameters(self, sent: RequestParameters, broken: Sequence[Violation]) -> tuple[Values, list[Violation]]:
        """The valid values and what breaks the others, leaving out the parameters known to be broken."""
        values, found = self._request.parameters(sent, [each for each in self.described if self._is_due(sent, each)])
        known = {(each.location, each.path[:1]) for each in broken}
        return values, [_with_hint(each) for each in found if (each.location, each.path[:1]) not in known]

    def _is_due(self, sent: RequestParameters, described: Described) -> bool:
        """Whether openapi-core has something to say of a parameter: of an optional one that was not sent it has not."""
        location, name, _ = described
        field = self._optional.get((location, name))
        return field is None or field in getattr(sent, location)

    def with_defaults(self, query: Mapping[str, Json]) -> dict[str, Json]:
        """The query's values, those of objects with the defaults of the members that were not sent."""
        filled = {name: {**defaults, **query.get(name, {})} for name, defaults in self.defaults.items()}
        return {**query, **filled}

    def body(self, raw: bytes, content_type: str, value: Json = UNREAD) -> tuple[Json, list[Violation]]:
        """The decoded body, or `value` where that is known, and what breaks it.

        A body that the document does not describe is not looked at; XML and bytes are not judged, and None.
        """
        if not raw or not self.content:
            missing = self.body_required and not raw
            return None, [Violation("body", (), "missing-body", "the body is missing")] if missing else []
        media_type = bare_media_type(content_type)
        if not accepts(self.content, media_type):
            return None, [media_type_violation(media_type, self.content)]
        form = None if is_json(media_type) else self._form(media_type)
        try:
            if value is UNREAD:
                value = decode_body(raw) if form is None else form.read(raw, content_type)
        except BodyError as error:
            return None, [Violation("body", (), error.kind, error.message, limit=error.offset)]
        if value is UNJUDGED:
            return None, []
        return value, list(self._request.body_errors(value, media_type, self.operation))

    def _form(self, media_type: str) -> Form:
        """How bodies of that media type are read: as it is described, else as the range it falls in is."""
        return self._forms.get(media_type) or next(
            form for name, form in self._forms.items() if accepts([name], media_type)
        )

    def located(self, violation: Violation) -> Violation:
        """The violation with the place in the document that refused, where it does not know it yet and there is one."""
        place = () if violation.schema else self._place(violation)
        return replace(violation, schema=to_pointer(place)) if place else violation

    def _place(self, violation: Violation) -> Parts:
        if violation.location == "security":
            return (*self.operation.parts, "security") if "security" in self.operation else ("security",)
        if violation.kind == "missing-body":
            return (*self.operation.parts, "requestBody", "required")
        if violation.kind in ("media-type", "json") and violation.location in ("body", "content-type"):
            return (*self.operation.parts, "requestBody", "content")
        name = str(violation.path[0]) if violation.path else ""
        wanted = violation.location, name.lower() if violation.location == "header" else name
        for location, known, parameter in self.described:
            if (location, known.lower() if location == "header" else known) == wanted:
                return (*parameter.parts, "name")
        return ()


def _is_sent_by_name(schema: Json, resolve: Resolve) -> bool:
    """Whether a parameter's value, where there is one, stands under its own name, and no default takes its place."""
    types = types_of(schema, resolve)
    return bool(types) and "object" not in types and not any("default" in each for each in variants(schema, resolve))


def _with_hint(violation: Violation) -> Violation:
    """A + that was not escaped has become a space: `…T09:00:00 00:00`."""
    if violation.location == "query" and violation.kind == "format" and _LOST_PLUS.search(str(violation.value)):
        return replace(violation, message=violation.message + "; a + in a query has to be sent as %2B")
    return violation


def read_request(path: Mapping[str, str], query: bytes | str, headers: Sequence[tuple[str, str]]) -> RequestParameters:
    """What was sent, as fields: each name with its values in order."""
    fields = header_fields(headers)
    cookies = read_cookies(fields["cookie"]) if "cookie" in fields else Fields()
    in_path = Fields({name: [value] for name, value in path.items()})
    return RequestParameters(query=read_query(query), header=fields, cookie=cookies, path=in_path)


def header_fields(headers: Sequence[tuple[str, str]]) -> HeaderFields:
    """Headers by lower-case name."""
    fields = HeaderFields()
    for name, value in headers:
        fields.setdefault(name.lower(), []).append(value)
    return fields


def undecodable_parts(sent: RequestParameters) -> Iterator[Violation]:
    """Bytes that are no text, and in a path what no identifier holds: else different requests would look the same."""
    for name, values in sent.query.items():
        if undecodable(name) or any(undecodable(value) for value in values):
            yield Violation("query", () if undecodable(name) else (name,), "encoding", "is not UTF-8")
    for name, (value,) in sent.path.items():
        if undecodable(value) or _CONTROL.search(value):
            yield Violation("path", (name,), "encoding", "has control characters or is not UTF-8")
