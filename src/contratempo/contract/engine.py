"""jsonschema-rs as the schema engine inside openapi-core, and paths that remember where they lead."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice
from typing import Any, cast

import jsonschema_rs
from jsonschema_path import SchemaPath
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator

from .casting import Fields, caster, reader, resolver
from .formats import Check
from .pointer import to_pointer
from .source import DocumentError, Json
from .weight import MOST_JUDGED, MOST_TOLD, MOST_WRONG, Growth, Weights

# What a pattern without lookarounds and backreferences costs is linear anyway; the others give up after so many steps.
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=5_000, size_limit=10_000_000)
MAX_ERRORS = 200  # told of one value: ten thousand wrong items would take a second, and nobody reads them
BASE_URI = "urn:contratempo:document"


class MemoPath(SchemaPath):
    """A SchemaPath that keeps its children and its value: a walk costs a microsecond where the stock one costs 25.

    `judged` is the validator of the schema there, once the engine of its tree has made it.
    """

    judged: "Judged | None" = None

    @cached_property
    def _children(self) -> dict[Any, Any]:
        return {}

    @cached_property
    def _value(self) -> Any:
        try:
            return super().read_value()
        except KeyError as error:
            return _Absent(error)

    def __truediv__(self, key: Any) -> Any:
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = super().__truediv__(key)
        return child

    def _make_child_relpath(self, part: Any) -> Any:
        child = self._children.get(part)
        if child is None:
            child = self._children[part] = super()._make_child_relpath(part)
        return child

    def __getitem__(self, key: Any) -> Any:
        child = self._make_child_relpath(key)
        value = child._value
        if isinstance(value, _Absent):
            raise KeyError(key)
        # A schema may be true or false, and openapi-core wants a path even then.
        return child if isinstance(value, dict | list) or key == "schema" else value

    def read_value(self) -> Any:
        if isinstance(self._value, _Absent):
            # A fresh one each time: an error that is raised again keeps the frames of every time, and all they hold.
            raise KeyError(*self._value.error.args)
        return self._value

    def keys(self) -> Any:
        value = self._value
        if isinstance(value, dict):
            return value.keys()
        return range(len(value)) if isinstance(value, list) else super().keys()

    def items(self) -> Any:
        return ((key, self._make_child_relpath(key)) for key in self.keys())

    def __iter__(self) -> Any:
        return (self._make_child_relpath(key) for key in self.keys())

    def __len__(self) -> int:
        value = self._value
        return len(value) if isinstance(value, dict | list) else super().__len__()

    def __contains__(self, key: Any) -> bool:
        value = self._value
        return key in value if isinstance(value, dict) else super().__contains__(key)


class _Absent:
    def __init__(self, error: KeyError) -> None:
        self.error = KeyError(*error.args)


class Refused(InvalidSchemaValue):
    """A value that is invalid, why, and the parts of the path to the schema that says so."""

    def __init__(self, value: Any, errors: Sequence[Exception], schema: Sequence[Any]) -> None:
        super().__init__(value, "any", schema_errors=errors)
        self.schema = schema


class TooMuch(Exception):
    """Stands for what would be found in a value that would take too long to judge."""


class Untold(Exception):
    """Stands for what is wrong with a value that has too many parts, or forms that they might have, to tell."""


class Judged(SchemaValidator):
    """openapi-core's validator of one schema, with jsonschema-rs inside."""

    def __init__(self, schema: SchemaPath, compiled: Any, growth: Callable[[], Growth]) -> None:
        super().__init__(schema, compiled)
        self.compiled, self._grown = compiled, growth

    @cached_property
    def growth(self) -> Growth:
        return self._grown()

    def validate(self, value: Any) -> None:
        total, forms = self.growth.of(value)
        if total > MOST_JUDGED:
            raise Refused(value, (TooMuch(),), self.schema.parts)
        try:
            if self.compiled.is_valid(value):
                return
            if forms > MOST_TOLD or total > MOST_WRONG:
                raise Refused(value, (Untold(),), self.schema.parts)
            errors = tuple(islice(self.compiled.iter_errors(value), MAX_ERRORS))
        except (TypeError, ValueError) as error:  # a value that no JSON text stands for
            errors = (error,)
        raise Refused(value, errors, self.schema.parts)


class Engine(SchemaValidatorsFactory):
    """Compiles each schema of one prepared tree once, under one set of format checks."""

    def __init__(self, tree: Json, formats: Mapping[str, Check]) -> None:
        try:
            self._registry = jsonschema_rs.Registry([(BASE_URI, tree)], draft=jsonschema_rs.Draft202012)
        except ValueError as error:
            raise DocumentError(f"not usable as a document: {error!s:.200}") from None
        self._formats = dict(formats)
        self.weights = Weights(resolver(tree))
        self._compiled: dict[int, Judged] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, *_: Any, **__: Any) -> Judged:
        place = cast("MemoPath", schema)
        if place.judged is None:
            place.judged = self._judged(schema)
        return place.judged

    def _judged(self, schema: SchemaPath) -> Judged:
        with schema.resolve() as resolved:
            contents = resolved.contents
        # The tree outlives this, so a node's identity is its name; two paths that lead to one node share one validator.
        judged = self._compiled.get(id(contents))
        if judged is None:
            growth = partial(self.weights.growth, contents)
            judged = self._compiled[id(contents)] = Judged(schema, self._compile(contents, schema.parts), growth)
        return judged

    def compiled(self, schema: Json) -> Any:
        """The validator of a prepared schema that need not stand in the tree."""
        return self._compile(schema, ())

    def _compile(self, contents: Any, at: Sequence[Any]) -> Any:
        try:
            return jsonschema_rs.Draft202012Validator(
                contents,
                formats=self._formats,
                validate_formats=True,
                registry=self._registry,
                offline=True,
                pattern_options=_PATTERNS,
            )
        except (TypeError, ValueError, jsonschema_rs.ReferencingError) as error:
            what = str(error).partition("\n")[0]
            hint = "mend it; a pattern is a regular expression of ECMA 262, and small when its repeats are written out"
            raise DocumentError(
                f"a schema that cannot be used: {what:.200}", pointer=to_pointer(at), hint=hint
            ) from None


class Parameters(StyleDeserializersFactory):
    """Reads and casts each parameter by functions made once, in place of openapi-core's styles and casters."""

    def __init__(self, tree: Json) -> None:
        self._resolve = resolver(tree)
        self._readers: dict[Any, _Parameter] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, style: str, explode: bool, name: str) -> Any:
        key = (schema.parts, name)
        if key not in self._readers:
            with schema.resolve() as resolved:
                contents = resolved.contents
            self._readers[key] = _Parameter(
                reader(name, style, explode, contents, self._resolve), caster(contents, self._resolve)
            )
        return self._readers[key]


class _Parameter:
    def __init__(self, read: Any, cast: Any) -> None:
        self._read, self._cast = read, cast

    def deserialize(self, location: Fields) -> Any:
        return self._cast(self._read(location))
