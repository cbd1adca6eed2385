"""openapi-core as the judge: of requests, and of answers, under one set of format checks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from jsonschema_path import SchemaPath
from openapi_core.datatypes import Parameters as Values
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.exceptions import DeserializeError
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.media_types.datatypes import MediaType
from openapi_core.templating.media_types.exceptions import MediaTypeNotFound
from openapi_core.validation.request.exceptions import (
    MissingParameter,
    ParameterValidationError,
    SecurityValidationError,
)
from openapi_core.validation.request.validators import V31RequestValidator
from openapi_core.validation.response.exceptions import HeadersError, MissingData
from openapi_core.validation.response.validators import V31ResponseValidator
from openapi_core.validation.validators import BaseValidator

from .body import decode_body
from .bounds import LONGEST_PATTERN, PatternBudget
from .casting import Fields, HeaderFields
from .document import Operation
from .engine import BASE_URI, Engine, MemoPath, Parameters, Refused
from .findings import of_cause, of_parameter, of_response, of_schema
from .formats import Check
from .media import WITHOUT_BODY, accepts, is_json
from .patterns import is_costly
from .pointer import Parts, find, from_pointer, to_pointer
from .schemas import schemas
from .security import Credentials
from .source import DocumentError, Json
from .violation import Violation
from .weight import Growth, TooHeavy

# OpenAPI: a header parameter of these names is ignored; they are described elsewhere in the document.
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
Described = tuple[str, str, SchemaPath]  # location and name of a parameter, and where it is described


@dataclass(frozen=True)
class Decoded:
    """A body that has been decoded already; openapi-core carries it around as if it were bytes."""

    value: Json


# As it is below what wraps its errors once more, which takes longer than the judging does.
_GET_BODY = cast("Any", V31RequestValidator._get_body).__wrapped__


class _PlainParameters(BaseValidator):
    """Takes parameters as they were sent: an empty value is a value, and nothing warns."""

    def _get_simple_param_or_header(
        self, param_or_header: SchemaPath, location: Any, name: str | None = None
    ) -> tuple[Any, SchemaPath]:
        schema = param_or_header / "schema"
        try:
            return self._deserialise_style(param_or_header, location, name=name), schema
        except KeyError:
            if not self._has_default(schema):
                raise
            return (schema / "default").read_value(), schema
        except ValueError as error:
            raise DeserializeError from error

    def _has_default(self, schema: SchemaPath) -> bool:
        """Whether there is a default that the schema allows: another one is nobody's fault who sends nothing."""
        if "default" not in schema:
            return False
        judged = cast("Engine", self.schema_validators_factory).create(self.spec, schema)
        return bool(judged.compiled.is_valid((schema / "default").read_value()))

    def _deserialise_media_type(self, media_type: SchemaPath, mimetype: str, parameters: Any, value: Any) -> Json:
        """Bodies come decoded, parameters with a media type are JSON or texts; openapi-core's own knows no styles."""
        if isinstance(value, Decoded):
            return value.value
        try:
            return decode_body(value.encode()) if is_json(mimetype) else value
        except ValueError as error:
            raise DeserializeError from error

    def _find_media_type(self, content: SchemaPath, mimetype: str | None = None) -> MediaType:
        """As openapi-core, but that a media type may be described with parameters and in any case."""
        if mimetype is not None and len(content) == 1 and mimetype in content:  # there is nothing to look for
            return MediaType(mimetype, {}, content / mimetype)
        try:
            return super()._find_media_type(content, mimetype)
        except MediaTypeNotFound:
            for described, node in content.str_items():
                if accepts([described], mimetype or ""):
                    return MediaType(described, {}, node)
            raise

    def _get_media_type_value(self, param_or_header: SchemaPath, location: Any, name: str | None = None) -> str:
        fields: Fields = location
        return fields.last(name or (param_or_header / "name").read_str())


class RequestValidator(_PlainParameters, V31RequestValidator):
    """openapi-core's request validator, one step at a time, keeping the values it makes."""

    def security_errors(self, sent: RequestParameters, operation: SchemaPath) -> Iterator[Violation]:
        try:
            self._get_security(sent, operation)
        except SecurityValidationError:
            yield Violation("security", (), "security", "the credentials are missing or malformed")

    def parameters(self, sent: RequestParameters, described: Iterable[Described]) -> tuple[Values, list[Violation]]:
        """The values that are valid, by location and name, and what breaks the others."""
        values, found = Values(), list[Violation]()
        for location, name, parameter in described:
            try:
                getattr(values, location)[name] = self._get_parameter(sent, parameter)
            except MissingParameter:
                continue
            except ParameterValidationError as error:
                found += of_parameter(error)
        return values, found

    def body_errors(self, value: Json, media_type: str, operation: SchemaPath) -> Iterator[Violation]:
        try:
            _GET_BODY(self, Decoded(value), media_type, operation)
        except OpenAPIError as error:
            yield from of_cause(error, "body", ())


class ResponseValidator(_PlainParameters, V31ResponseValidator):
    """openapi-core's response validator, for answers that have not been encoded yet."""

    def errors(
        self, status: int, media_type: str, body: Decoded | None, headers: HeaderFields, operation: SchemaPath
    ) -> Iterator[Violation]:
        for error in self._iter_errors(status, cast("bytes | None", body), headers, media_type, operation):
            if not (isinstance(error, MissingData) and status in WITHOUT_BODY):
                yield from of_response(error, status)

    def missing_headers(self, response: SchemaPath) -> Iterator[str]:
        """The names, in lower case, of the headers that are missed in an answer that has none."""
        try:
            self._get_headers(HeaderFields(), response)
        except HeadersError as error:
            yield from (each.name.lower() for each in cast("Iterator[Any]", error.context))


class Judge:
    """The two validators of one prepared tree, under one set of format checks."""

    def __init__(self, tree: Json, formats: Mapping[str, Check]) -> None:
        self.spec = MemoPath.from_dict(tree, base_uri=BASE_URI)
        self.engine = Engine(tree, formats)
        # The validators alone, without openapi-core's application: that imports much else. The document was checked
        # when it was read.
        parts: dict[str, Any] = {
            "schema_validators_factory": self.engine,
            "style_deserializers_factory": Parameters(tree),
            "security_provider_factory": Credentials(),
        }
        self.request = RequestValidator(self.spec, **parts)
        del parts["security_provider_factory"]
        self.response = ResponseValidator(self.spec, **parts)

    def at(self, pointer: str) -> SchemaPath:
        """The place a pointer names, following references on the way; DocumentError if there is no schema."""
        path: Any = self.spec
        try:
            for part in from_pointer(pointer):
                path = path[int(part) if isinstance(path.read_value(), list) else part]
        except (AttributeError, IndexError, KeyError, ValueError):
            path = None
        if not isinstance(path, SchemaPath):
            raise DocumentError("no schema there", pointer=pointer, hint="name one of the document's schemas")
        return path

    def operation(self, operation: Operation) -> SchemaPath:
        """The place of an operation in the tree."""
        return cast("SchemaPath", self.spec["paths"][operation.path][operation.method])

    def described(self, operation: Operation) -> list[Described]:
        """The parameters of an operation, its own before those of its path."""
        item = self.spec["paths"][operation.path]
        found: dict[tuple[str, str], SchemaPath] = {}
        for node in (item[operation.method], item):
            for parameter in node.get("parameters", ()):
                location, name = parameter["in"], parameter["name"]
                if location != "header" or name.lower() not in _IGNORED_HEADERS:
                    found.setdefault((location, name), parameter)
        return [(location, name, parameter) for (location, name), parameter in found.items()]

    def compile_all(self, tree: Json) -> None:
        """Compile each schema now, so that one that cannot be used is found before a request needs it."""
        found = {parts: find(tree, parts) for parts in schemas(tree)}
        budget = PatternBudget()
        for parts, schema in found.items():
            self._check(schema, parts, budget)
        try:  # all as one: each alone would be compiled with all that it leads to, again and again
            self.engine.compiled({"anyOf": list(found.values())} if found else True)
        except DocumentError:
            for parts in found:  # which of them it is
                self.engine.create(self.spec, self._place(parts))
            raise

    def _place(self, parts: Parts) -> SchemaPath:
        path: Any = self.spec
        for part in parts:
            path = path._make_child_relpath(part)
        return cast("SchemaPath", path)

    def _check(self, schema: Json, at: Parts, budget: PatternBudget) -> None:
        """Refuse a schema that would keep anybody busy, here or in what it leads to."""
        try:
            for place, node in self.engine.weights.reached(schema, at):
                _check_patterns(node, place, budget)
        except TooHeavy as error:
            raise DocumentError(str(error), pointer=to_pointer(error.at), hint=error.hint) from None

    def growth(self, media_type: SchemaPath) -> Growth:
        """How much there is to judge in a body of a media type."""
        schema = (media_type / "schema").read_value() if "schema" in media_type else True
        return self.engine.weights.growth(schema)

    def schema_errors(self, schema: SchemaPath, value: Json) -> Iterator[Violation]:
        """The violations of a value under the schema at that path, located in the body."""
        try:
            self.engine.create(self.spec, schema).validate(value)
        except Refused as refused:
            yield from of_schema(refused, "body")


def _check_patterns(node: dict[str, Any], at: Parts, budget: PatternBudget) -> None:
    for pattern in (node.get("pattern"), *node.get("patternProperties", ())):
        if not isinstance(pattern, str):
            continue
        if len(pattern) > LONGEST_PATTERN:  # before anybody reads it
            what, hint = f"more than {LONGEST_PATTERN:,} characters in a pattern", "use an enum, or several patterns"
            raise DocumentError(what, pointer=to_pointer(at), hint=hint)
        if is_costly(pattern):
            what = f"a pattern whose counts multiply to too much: {pattern:.100}"
            hint = "use maxLength, or smaller counts: a short text would take seconds"
            raise DocumentError(what, pointer=to_pointer(at), hint=hint)
        budget.take(pattern, at)
