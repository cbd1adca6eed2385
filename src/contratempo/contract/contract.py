"""The face of a document: what a request or an answer has to be, and whether it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any, TypeVar

from jsonschema_path import SchemaPath

from .answers import Answers, NotAnswerable, Wish
from .casting import resolver
from .document import Document, Operation
from .examples import media_type_example
from .formats import NAIVE, STRICT
from .judge import Decoded, Judge
from .lines import Lines
from .media import bare_media_type, is_json
from .plan.agreement import agreed
from .plan.plans import Plans
from .pointer import to_pointer
from .prepare import prepare
from .requests import Checked, RequestCheck, Sent, header_fields, read_request
from .security import challenge, presented
from .sides import answered, asked
from .source import DocumentError, Json
from .violation import Violation

__all__ = ["Checked", "Contract"]

_COMPILED_KEPT = 1_024
MOST_ASKED = 50_000
"""Values tried when it is looked for what cannot be answered: twenty for each of the most operations."""
_WEBHOOK_SCHEMA = ("post", "requestBody", "content", "application/json", "schema")


K = TypeVar("K")
V = TypeVar("V")


class Made(dict[K, V]):
    """Values made by a function when they are first asked for."""

    def __init__(self, make: Callable[[K], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> V:
        value = self[key] = self._make(key)
        return value


class Contract:
    """A document, enforced."""

    def __init__(self, document: Document, validation: str = "plan", *, validate: bool = True) -> None:
        """Compiles every schema of the document; DocumentError if one of them cannot be used.

        With `validate` off a schema is compiled when something is judged by it: for what is known to be valid.

        `validation` says who judges: openapi-core (`core`), or a compiled plan that says yes to what is plainly valid
        and leaves all else to openapi-core (`plan`), or both, a Disagreement being raised where they differ (`both`).
        """
        self.document, self.name, self.base = document, document.name, document.base
        self.validation = validation
        tree = prepare(document.tree)
        of_requests, of_answers = asked(tree), answered(tree)
        self._strict = Judge(of_answers, STRICT)
        strict = self._strict if of_requests is of_answers else Judge(of_requests, STRICT)
        judges = Made[bool, Judge](lambda naive: Judge(of_requests, NAIVE) if naive else strict)
        try:
            if validate:
                self._strict.compile_all(of_answers)
        except DocumentError as error:
            error.file = error.file or str(next(iter(document.files), ""))
            raise
        operations, resolve = document.operations, resolver(of_requests)
        # Made when first asked for: a document may have a thousand operations, and a run uses few of them.
        self._requests = Made[tuple[str, bool], RequestCheck](
            lambda key: RequestCheck(judges[key[1]], operations[key[0]], resolve)
        )
        self._answers = Made[str, SchemaPath](lambda identifier: self._strict.operation(operations[identifier]))
        self._plans = Plans(self._requests, self._strict, self._answers, resolver(of_answers))
        self._examples: dict[str, tuple[int, Json]] = {}
        self._webhooks: dict[str, SchemaPath] = {}
        self._lines = Lines(document)
        self._compiled: dict[int, tuple[Json, Any]] = {}
        self._asked = 0
        self._alone = Made[str, Answers](self._answers_of)

    def check_request(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str],
        query: bytes | str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        naive_datetime: bool,
    ) -> Checked:
        """Judge a request to an operation: all its violations together, but missing credentials alone.

        `path` holds decoded values, `query` the raw query string, `headers` lower-case names, `body` b"" for none.
        With `naive_datetime` a date-time without offset is valid too. Never raises on what was sent.
        """
        sent = Sent(path, query, headers, body)
        if self.validation == "core":
            return self._requests[operation_id, naive_datetime].checked(sent)
        plan = self._plans.request(operation_id, naive_datetime)
        planned = plan.check.checked(sent, plan)
        return planned if self.validation == "plan" else agreed(operation_id, planned, plan.check.checked(sent))

    def check_response(
        self,
        operation_id: str,
        status: int,
        media_type: str | None,
        body: Json | None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> tuple[Violation, ...]:
        """Judge an answer, strictly; a `body` of None is none. A status matches itself, else a range, else default."""
        if self.validation != "core" and self._plans.answer(operation_id).accepts(status, media_type, body, headers):
            if self.validation == "plan":
                return ()
            judged = self._judged_response(operation_id, status, media_type, _decoded(body), headers)
            return agreed(operation_id, (), judged)
        return self._judged_response(operation_id, status, media_type, _decoded(body), headers)

    def _judged_response(
        self,
        operation_id: str,
        status: int,
        media_type: str | None,
        body: Decoded | None,
        headers: Sequence[tuple[str, str]],
    ) -> tuple[Violation, ...]:
        node, media_type = self._answers[operation_id], bare_media_type(media_type or "")
        return tuple(self._strict.response.errors(status, media_type, body, header_fields(headers), node))

    def check_schema(self, pointer: str, value: Json) -> tuple[Violation, ...]:
        """Judge a value, strictly, under the schema at e.g. "#/components/schemas/Errors"; DocumentError if none is."""
        return tuple(self._strict.schema_errors(self._strict.at(pointer), value))

    def check_webhook(self, event: str, body: Json) -> tuple[Violation, ...]:
        """Judge the JSON body of a webhook, strictly, under what `webhooks` says of a `post` of that event.

        An event that the document does not describe so is one violation, "undocumented-webhook".
        """
        schema = self._webhooks.get(event)
        if schema is None:
            try:
                schema = self._strict.at(to_pointer(("webhooks", event, *_WEBHOOK_SCHEMA)))
            except DocumentError:
                documented = list(self.document.tree.get("webhooks", {}))
                message = f"the webhook is not documented; documented: {', '.join(documented) or 'none'}"
                return (Violation("body", (), "undocumented-webhook", message, event, documented),)
            self._webhooks[event] = schema
        return tuple(self._strict.schema_errors(schema, body))

    def line_of(self, violation: Violation) -> str | None:
        """The line of a source file that refused, e.g. "telnyx/assistants-create_scheduled_event.yaml:57".

        It is the line of the keyword that failed, be it in a vendor's document or an overlay ("overlays/…"): for a
        missing member that of `required` (or of its name, where an overlay added it to a vendor's `required`), for a
        parameter that is missing or cannot be read that of its `name`, for a media type that of `content`, for a bound
        that comes of a `format` that of `format`, for missing credentials that of `security`. Where a keyword has no
        line of its own it is that of what it stands in. The file is told by its path below the specs folder, one that
        lies elsewhere as it was given. None for what no line refuses (bodies too deep, violations that operations
        make) and for documents that were not read from files or have changed since.

        The first call reads the files a second time, which takes some 20 ms; the others take 20 µs. Where that would
        take long, a document of more than 30,000 values, there are no lines.
        """
        return self._lines.of(violation) if violation.schema else None

    def example_response(self, operation_id: str) -> tuple[int, Json]:
        """The lowest 2xx answer of an operation and a body for it (None if it has none), the same each time."""
        if operation_id not in self._examples:
            self._examples[operation_id] = self._make_example(self.document.operations[operation_id])
        status, body = self._examples[operation_id]
        return status, deepcopy(body)

    def answers(self, operation_id: str) -> Answers:
        """What an operation answers when nobody has modelled it."""
        return self._alone[operation_id]

    def unanswerable(self, is_late: Callable[[], bool] = lambda: False) -> Iterator[tuple[str, str]]:
        """The operations for which no answer can be made that the document allows, and what is to be said of them.

        Those that come after too much was tried, or when it `is_late`, are not looked at, which is said of the first of
        them.
        """
        most = self._asked + MOST_ASKED
        for operation_id in self.document.operations:
            if self._asked > most or is_late():
                yield (
                    operation_id,
                    "and what comes after it may be answered with 501: that takes long, and was not tried",
                )
                return
            try:
                self._alone[operation_id].answer(Wish())
            except NotAnswerable as error:
                yield operation_id, f"will be answered with 501: {error} ({error.hint})"

    def credentials(
        self, operation_id: str, query: bytes | str, headers: Sequence[tuple[str, str]]
    ) -> tuple[dict[str, str], ...]:
        """The credentials that a request has for each of an operation's requirements that it satisfies, by scheme."""
        tree = self.document.tree
        node = self.document.node(operation_id)
        requirements = node.get("security", tree.get("security")) or ()
        schemes = (tree.get("components") or {}).get("securitySchemes") or {}
        return tuple(presented(requirements, schemes, read_request({}, query, headers)))

    def challenge(self, operation_id: str) -> str:
        """What a 401 says it wants (WWW-Authenticate)."""
        tree = self.document.tree
        requirements = self.document.node(operation_id).get("security", tree.get("security")) or ()
        schemes = (tree.get("components") or {}).get("securitySchemes") or {}
        return ", ".join(dict.fromkeys(challenge(schemes[name]) for each in requirements for name in each)) or "Bearer"

    def _answers_of(self, operation_id: str) -> Answers:
        responses = self.document.node(operation_id)["responses"]
        check = partial(self._check_answer, operation_id)
        return Answers(responses, resolver(self.document.tree), self._is_valid, check)

    def _make_example(self, operation: Operation) -> tuple[int, Json]:
        resolve = resolver(self.document.tree)
        responses = self.document.node(operation.id)["responses"]
        status = min((code for code in responses if code.startswith("2")), default="default")
        response = responses.get(status, {})
        while "$ref" in response:
            response = resolve(response["$ref"])
        media_type = next((each for name, each in response.get("content", {}).items() if is_json(name)), None)
        body = None if media_type is None else media_type_example(media_type, resolve, self._is_valid)
        return 200 if status in ("default", "2XX") else int(status), body

    def _check_answer(
        self, operation_id: str, status: int, media_type: str | None, value: Json, headers: Sequence[tuple[str, str]]
    ) -> tuple[Violation, ...]:
        """As `check_response`, but that a value of None is null wherever there is a media type."""
        if value is None and media_type is not None:
            return self._judged_response(operation_id, status, media_type, Decoded(None), headers)
        return self.check_response(operation_id, status, media_type, value, headers)

    def _is_valid(self, schema: Json, value: Json) -> bool:
        # A value is tried under the schemas of all its parts, and again: compiling one takes longer than asking it.
        self._asked += 1
        key = id(schema)
        held = self._compiled.pop(key, None)
        if held is None or held[0] is not schema:
            held = (schema, self._strict.engine.compiled(prepare(schema)))
            if len(self._compiled) >= _COMPILED_KEPT:
                self._compiled.pop(next(iter(self._compiled)))
        self._compiled[key] = held  # which keeps the schema, and with it its id
        return bool(held[1].is_valid(value))


def _decoded(body: Json | None) -> Decoded | None:
    return None if body is None else Decoded(body)
