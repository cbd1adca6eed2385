"""The plan of an operation's answers."""

from collections.abc import Sequence
from typing import NamedTuple

from jsonschema_path import SchemaPath
from openapi_core.templating.responses.exceptions import ResponseFinderError

from contratempo.contract.casting import Resolve
from contratempo.contract.judge import Judge
from contratempo.contract.media import bare_media_type
from contratempo.contract.source import Json

from .compiled import Accepts
from .keywords import Unproven
from .parameters import Scalars
from .requests import bodies_of

_MOST_KINDS = 256  # of answers that one operation is asked about: what a document describes, and what faults make up


class _Kind(NamedTuple):
    """What an answer of one status and media type has to satisfy."""

    body: Accepts | None
    headers: Scalars | None
    required: frozenset[str]


class AnswerPlan:
    """The plan of one operation's answers, each status and media type compiled when it first comes up."""

    def __init__(self, judge: Judge, operation: SchemaPath, resolve: Resolve) -> None:
        self._judge, self._operation, self._resolve = judge, operation, resolve
        self._kinds: dict[tuple[int, str | None], _Kind | None] = {}

    def accepts(self, status: int, media_type: str | None, body: Json, headers: Sequence[tuple[str, str]]) -> bool:
        """Whether an answer is plainly valid."""
        try:
            kind = self._kinds[status, media_type]
        except KeyError:
            kind = self._kind(status, media_type)
            if len(self._kinds) < _MOST_KINDS:
                self._kinds[status, media_type] = kind
        if kind is None:
            return False
        try:
            return self._fits(kind, body, headers)
        except (TypeError, ValueError):  # a value that no JSON text stands for
            return False

    @staticmethod
    def _fits(kind: _Kind, body: Json, headers: Sequence[tuple[str, str]]) -> bool:
        if kind.body is not None and (body is None or not kind.body(body)):
            return False
        if kind.headers is None:
            return True
        fields = {name.lower(): value for name, value in headers}
        return kind.required <= fields.keys() and kind.headers.values(fields) is not None

    def _kind(self, status: int, media_type: str | None) -> _Kind | None:
        try:
            response = self._judge.response._find_operation_response(status, self._operation)
            headers = self._headers(response)
        except (ResponseFinderError, Unproven):
            return None
        required = self._required(response)
        if "content" not in response:
            return _Kind(None, headers, required)
        body = bodies_of(response, self._resolve, naive=False).get(bare_media_type(media_type or ""))
        return None if body is None else _Kind(body, headers, required)

    def _headers(self, response: SchemaPath) -> Scalars | None:
        described = [] if "headers" not in response else list((response / "headers").str_items())
        named = [(name, header) for name, header in described if name.lower() != "content-type"]
        return Scalars(named, self._resolve, lower=True, naive=False) if named else None

    def _required(self, response: SchemaPath) -> frozenset[str]:
        """The headers that openapi-core misses in an answer that has none."""
        return frozenset(self._judge.response.missing_headers(response))
