"""Schemas and values for the plan's laws: from the proven keywords, and from the traps just beyond them."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from jsonschema_path import SchemaPath
from openapi_core.validation.schemas import oas31_schema_validators_factory
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

from contratempo.contract.casting import resolver
from contratempo.contract.engine import Engine
from contratempo.contract.formats import NAIVE, STRICT
from contratempo.contract.plan.compiled import compiled
from contratempo.contract.plan.keywords import Unproven
from contratempo.contract.prepare import prepare

TEXTS = [
    "", "a", "b", "ab", "a\n", "abc-1", "é", "٣", "7", "\u2028", "2025-04-15T13:07:28Z", "2025-04-15T13:07:60Z",
    "2025-04-15T13:07:28", "2025-04-15T13:07:28Z\n", "0000-01-01T00:00:00Z", "2024-02-29T00:00:00Z",
    "2025-02-29T00:00:00Z", "2025-04-31T00:00:00Z", "2025-04-15", "2025-04-15\n", "10:00:00Z", "a@b", "192.0.2.1",
    "::1", "fe80::1%eth0", "40385f64-5717-4562-b3fc-2c963f66afa6", "aGk=", "x" * 40, "😀", "https://x",
]  # fmt: skip
NUMBERS = [
    0, 1, -1, 2, 5, 7, 100,
    2**31 - 1, 2**31, -(2**31) - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 10**30, -(10**30),
    0.0, -0.0, 1.0, 1.5, 0.1, 0.07, 4.35, 19.99, 5.0, 1e10, 1e300, -1e300, float(2**53), float(2**63),
]  # fmt: skip
FORMATS = [
    "date-time", "date", "time", "uuid", "email", "ipv4", "ipv6", "byte", "int32", "int64", "float", "double", "uri",
    "url", "json-pointer", "regex", "password", "unheard-of",
]  # fmt: skip
PATTERNS = [
    "^a", "a$", "^[a-z]+$", "^[0-9]{1,3}$", r"^\d+$", r"^\w+$", r"\p{L}", "^[^a]$", ".", "^.$", "b|^a$", "^(?:a|b)*$",
    "^https?://", "(?=a)", r"\s", "[a-z]{2}", "^a?b*$", "(?i)A", "^$",
]  # fmt: skip
NAMES = ["a", "b", "c", "a\n", "é", "$ref"]

plain = st.one_of(st.none(), st.booleans(), st.sampled_from(NUMBERS), st.sampled_from(TEXTS))
values = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
small = st.integers(0, 3)
bounds = st.sampled_from([number for number in NUMBERS if abs(number) < 1e12 or isinstance(number, int)])
types = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])
_TYPED = {
    "string": {
        "minLength": small, "maxLength": st.integers(1, 30), "format": st.sampled_from(FORMATS),
        "pattern": st.sampled_from(PATTERNS),
    },
    "number": {
        "minimum": bounds, "maximum": bounds, "exclusiveMinimum": bounds, "exclusiveMaximum": bounds,
        "multipleOf": st.sampled_from([1, 2, 0.01, 0.5]), "format": st.sampled_from(FORMATS),
    },
}  # fmt: skip


def _some(keywords: dict[str, Any]) -> Any:
    return st.fixed_dictionaries({}, optional=keywords).map(lambda found: dict(list(found.items())[:3]))


def _leaf() -> Any:
    return st.one_of(
        st.booleans(),
        st.just({}),
        types.map(lambda name: {"type": name}),
        st.lists(types, min_size=1, max_size=3, unique=True).map(lambda names: {"type": names}),
        _some(_TYPED["string"]).map(lambda found: {"type": "string", **found}),
        _some(_TYPED["number"]).flatmap(
            lambda found: st.sampled_from(["integer", "number"]).map(lambda name: {"type": name, **found})
        ),
        _some(_TYPED["string"]),
        _some(_TYPED["number"]),
        st.lists(values, min_size=1, max_size=3).map(lambda found: {"enum": found}),
        values.map(lambda found: {"const": found}),
        st.sampled_from(["A", "B"]).map(lambda name: {"$ref": f"#/components/schemas/{name}"}),
    )


def _nested(inner: Any) -> Any:
    some = st.lists(inner, min_size=1, max_size=3)
    names = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
    named = st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    return st.one_of(
        _some({
            "properties": named, "additionalProperties": inner, "required": names,
            "minProperties": small, "maxProperties": small, "propertyNames": inner,
            "patternProperties": st.dictionaries(st.sampled_from(PATTERNS[:9]), inner, max_size=2),
            "dependentRequired": st.dictionaries(st.sampled_from(NAMES), names),
            "unevaluatedProperties": inner,
        }),
        named.map(lambda found: {"type": "object", "properties": found}),
        _some({
            "items": inner, "prefixItems": some, "contains": inner, "minItems": small, "maxItems": small,
            "uniqueItems": st.booleans(), "unevaluatedItems": inner, "minContains": small,
        }),
        inner.map(lambda found: {"type": "array", "items": found}),
        some.map(lambda found: {"allOf": found}),
        some.map(lambda found: {"anyOf": found}),
        some.map(lambda found: {"oneOf": found}),
        inner.map(lambda found: {"not": found}),
        st.tuples(inner, inner, inner).map(lambda found: dict(zip(("if", "then", "else"), found, strict=True))),
        inner.map(lambda found: {**found, "nullable": True} if isinstance(found, dict) else found),
    )  # fmt: skip


schemas = st.recursive(_leaf(), _nested, max_leaves=6)


class Judges:
    """The judges of one schema, `Root`, among others that it may refer to."""

    def __init__(self, root: Any, others: dict[str, Any] | None = None, *, naive: bool = False) -> None:
        tree = {"openapi": "3.1.0", "components": {"schemas": {"Root": root, **(others or {})}}}
        self.tree, self._naive = prepare(tree), naive
        self._stock = SchemaPath.from_dict(tree)
        self._engine = Engine(self.tree, NAIVE if naive else STRICT)

    def plan(self) -> Callable[[Any], bool] | None:
        """Say what the plan says; None where there is no plan."""
        try:
            return compiled(self.tree["components"]["schemas"]["Root"], resolver(self.tree), naive=self._naive)
        except Unproven:
            return None

    def core(self, value: Any) -> bool:
        """Say what openapi-core says, as it comes, with Python's jsonschema inside."""
        schema = self._stock / "components" / "schemas" / "Root"
        try:
            oas31_schema_validators_factory.create(self._stock, schema).validate(value)
        except (InvalidSchemaValue, RecursionError):
            return False
        except Exception:  # a pattern that Python has not, arithmetic of large numbers
            return False
        return True

    def ours(self, value: Any) -> bool:
        """Say what openapi-core says with our engine inside."""
        return bool(self._engine.compiled(self.tree["components"]["schemas"]["Root"]).is_valid(value))


@pytest.fixture(scope="session")
def judges() -> type[Judges]:
    return Judges


@pytest.fixture(scope="session")
def anything() -> dict[str, Any]:
    """Return the strategies: `schemas` and `values`."""
    return {"schemas": schemas, "values": values}
