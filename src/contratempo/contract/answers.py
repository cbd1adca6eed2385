"""What an operation answers when the document is all there is: a status, a media type, a body and headers it allows."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec

from .casting import Resolve
from .examples import schema_example, stated_examples
from .generation import Valid
from .media import WITHOUT_BODY, bare_media_type, best, is_json, is_xml
from .patterns import Pick
from .refusals import is_ours
from .source import Json
from .violation import Violation

Check: TypeAlias = Callable[[int, str | None, Json, tuple[tuple[str, str], ...]], tuple[Violation, ...]]

_FAILURES_KEPT: Final = 64
_HIDDEN: Final = "writeOnly"
_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""The name of a header, as it can be sent."""
OF_THE_SERVER: Final = frozenset(
    ["content-encoding", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]
)
"""Headers that say how an answer is sent: the server's to write, whatever a document says. One that it requires is made
to be judged, and goes no further."""


@dataclass(frozen=True)
class Wish:
    """What a client would have: a status, one of the document's examples by name, chance, media types (Accept)."""

    code: int | None = None
    example: str | None = None
    dynamic: bool = False
    accept: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer: `value` is what the schema speaks of and `body` what is sent of it, None for no content."""

    status: int
    media_type: str | None = None
    value: Json = None
    body: str | bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class NotAnswerable(Exception):
    """There is no such answer: `kind` is "wish" when another wish would have one, "media-type", or "document"."""

    def __init__(self, kind: str, what: str, hint: str) -> None:
        super().__init__(what)
        self.kind, self.hint = kind, hint


class Answers:
    """The answers of one operation; `responses` is what the document has of them."""

    def __init__(self, responses: Mapping[str, Any], resolve: Resolve, valid: Valid, check: Check) -> None:
        self._responses, self._resolve, self._valid, self._check = responses, resolve, valid, check
        # That there is none is found after all attempts, which may take a quarter of a second: once is enough.
        self._failures: dict[tuple[int, str | None, str | None], tuple[str, str]] = {}

    def status_of(self, codes: tuple[int, ...]) -> int:
        """The first of these statuses that the document describes by itself, else the first."""
        return next((code for code in codes if str(code) in self._responses), codes[0])

    def answer(self, wish: Wish, pick: Pick | None = None) -> Answer:
        """An answer that the document allows, judged; NotAnswerable when there is none."""
        status, response = self._chosen(wish)
        if status < 200:
            kind, hint = ("document" if wish.code is None else "wish"), "wish for what the document has after it"
            raise NotAnswerable(kind, f"Status {status} only leads on: no answer ends with it", hint)
        described: dict[str, Any] = {} if status in WITHOUT_BODY else response.get("content") or {}
        content = [name for name, each in described.items() if self._can_write(name, each)]
        name = best(content, wish.accept)
        if described and not content:
            hint = "give the document an example of it that is a text"
            raise NotAnswerable("document", f"No answer of status {status} could be made: XML is not made up", hint)
        if content and name is None:
            hint = f"accept {' or '.join(content)}"
            raise NotAnswerable("media-type", f"Nothing that is accepted ({wish.accept:.100}) can be answered", hint)
        if wish.dynamic:
            return self._answer(status, response, name, wish, pick)
        tried = status, name, wish.example  # all of them the document's own words: no client has it keep others
        if tried in self._failures:
            raise NotAnswerable("document", *self._failures[tried])
        try:
            return self._answer(status, response, name, wish, pick)
        except NotAnswerable as error:
            if error.kind == "document" and len(self._failures) < _FAILURES_KEPT:
                self._failures[tried] = str(error), error.hint
            raise

    def _answer(self, status: int, response: dict[str, Any], name: str | None, wish: Wish, pick: Pick | None) -> Answer:
        if name is None:
            made = Answer(status, headers=dict(self._headers(response)))
        else:
            value = self._value(response["content"][name], name, wish, pick)
            media_type = _concrete(name)
            if not _is_sendable(media_type):
                hint = "write it as type/subtype"
                raise NotAnswerable("document", f"{name!r:.100} is no media type that can be sent", hint)
            made = Answer(status, media_type, value, _sent(media_type, value), dict(self._headers(response)))
        self._judge(made)
        return made

    def refusal(self, status: int, media_type: str, problem: Mapping[str, Json]) -> Answer:
        """A refusal in the style that the document describes for that status, else the problem as it is."""
        body = msgspec.json.encode(problem)
        if not self._check(status, media_type, problem, ()):
            return Answer(status, media_type, problem, body)
        try:
            made = self.answer(Wish(status))
        except NotAnswerable:
            return Answer(status, media_type, problem, body)
        value = self._told(made, problem)
        return Answer(status, made.media_type, value, _sent(made.media_type, value), made.headers)

    def _told(self, made: Answer, problem: Mapping[str, Json]) -> Json:
        """The document's own form of a refusal, saying what is the matter where it has room for it."""
        value = made.value
        for name, said in _words(problem):
            for inner in (value, value.get("error") if isinstance(value, dict) else None):
                if not isinstance(inner, dict) or not isinstance(inner.get(name), type(said)):
                    continue
                before, inner[name] = inner[name], said
                if self._check(made.status, made.media_type, value, tuple(made.headers.items())):
                    inner[name] = before
        return value

    def _chosen(self, wish: Wish) -> tuple[int, dict[str, Any]]:
        if wish.code is None:
            name = _usual(self._responses)
            status = int(name.replace("X", "0")) if name != "default" else 200
        else:
            described = [code for code in self._responses if not is_ours(self._response(code))]
            names = (str(wish.code), f"{wish.code // 100}XX", "default")
            name, status = next((each for each in names if each in described), ""), wish.code
            if not name:
                hint = f"wish for one of {', '.join(described)}"
                raise NotAnswerable("wish", f"The document describes no answer of status {wish.code}", hint)
        return status, self._response(name)

    def _response(self, code: str) -> dict[str, Any]:
        response: dict[str, Any] = self._responses[code]
        while "$ref" in response:
            response = self._resolve(response["$ref"])
        return response

    def _can_write(self, name: str, media_type: dict[str, Any]) -> bool:
        """Whether it can be sent: XML as the text that its example is, or its schema, as nothing here writes any."""
        return not is_xml(bare_media_type(name)) or isinstance(self._value(media_type, name, Wish(), None), str)

    def _value(self, media_type: dict[str, Any], name: str, wish: Wish, pick: Pick | None) -> Json:
        schema = media_type.get("schema", {} if is_json(bare_media_type(name)) else {"type": "string"})
        in_xml = is_xml(bare_media_type(name))
        every = stated_examples(media_type, self._resolve)
        stated = [(each, value) for each, value in every if isinstance(value, str) or not in_xml]
        if wish.example is not None:
            named = dict(stated)
            if wish.example not in named:
                hint = f"wish for one of {', '.join(filter(None, named)) or 'none: it has none'}"
                raise NotAnswerable("wish", f"There is no example {wish.example!r:.100}", hint)
            return named[wish.example]
        if not wish.dynamic or in_xml:
            for value in (each for _, each in stated):
                if in_xml or self._valid(schema, value):
                    return msgspec.json.decode(msgspec.json.encode(value))
        return schema_example(schema, self._resolve, self._valid, pick if wish.dynamic else None, _HIDDEN)

    def _headers(self, response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, header in (response.get("headers") or {}).items():
            while "$ref" in header:
                header = self._resolve(header["$ref"])
            is_required = header.get("required") is True
            if name.lower() == "content-type" or (name.lower() in OF_THE_SERVER and not is_required):
                continue
            described = next(iter(header.get("content", {}).values()), header)
            stated = [value for _, value in stated_examples(header, self._resolve)]
            schema = described.get("schema", {"type": "string"})
            value = next((each for each in stated if self._valid(schema, each)), None)
            made = schema_example(schema, self._resolve, self._valid) if value is None else value
            text = _simple(made, header.get("explode") is True) if described is header else _json(made)
            if _NAME.fullmatch(name) and (is_required or (text and _is_sendable(text))):
                yield name, text

    def _judge(self, made: Answer) -> None:
        for violation in self._check(made.status, made.media_type, made.value, tuple(made.headers.items())):
            if violation.location == "body" and made.media_type is not None and is_xml(made.media_type):
                continue  # its schema speaks of what the text stands for
            what = f"No answer of status {made.status} could be made that the document allows"
            place = f"{violation.location}{violation.pointer}"
            hint = "give the document an example of it that satisfies its own schema"
            raise NotAnswerable("document", f"{what}: {place} {violation.message}", hint)


def _usual(responses: Mapping[str, Any]) -> str:
    """The status answered unless another is wished for: the lowest success, else default, else the lowest."""
    numbers = sorted(code for code in responses if code[:1].isdigit())
    success = next((code for code in numbers if code.startswith("2")), None)
    return success or ("default" if "default" in responses or not numbers else numbers[0])


def _words(problem: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    detail, title, status = problem.get("detail", ""), problem.get("title", ""), problem.get("status", 500)
    for name in ("message", "detail", "error_description", "description", "reason", "msg", "error"):
        yield name, detail
    yield "title", title
    for name in ("status", "statusCode", "status_code", "code"):
        yield name, status


def _concrete(media_type: str) -> str:
    """A media type to send for one described, which may be a range."""
    bare = bare_media_type(media_type)
    if "*" not in bare:
        return bare
    return {"text/*": "text/plain", "*/*": "application/json"}.get(bare, bare.replace("*", "octet-stream"))


def _is_sendable(text: str) -> bool:
    """Whether a header may have that value as it is."""
    return text.isascii() and text.isprintable()


def _sent(media_type: str | None, value: Json) -> str | bytes | None:
    if media_type is None:
        return None
    if isinstance(value, str) and not is_json(media_type):
        return value.encode("utf-8" if media_type.startswith("text/") else "latin-1", "replace")
    return msgspec.json.encode(value)


def _json(value: Json) -> str:
    return msgspec.json.encode(value).decode()


def _simple(value: Json, explode: bool) -> str:
    """A header's value in the style `simple`."""
    if isinstance(value, list):
        return ",".join(_simple(item, explode) for item in value)
    if isinstance(value, dict):
        return ",".join(f"{key}{'=' if explode else ','}{_simple(item, explode)}" for key, item in value.items())
    return value if isinstance(value, str) else _json(value)
