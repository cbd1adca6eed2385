"""Schemas rewritten so that jsonschema-rs accepts by them nothing that openapi-core refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from contratempo.contract.casting import Resolve
from contratempo.contract.source import Json

from .keywords import KEYWORDS, Unproven, require


def rewrite(schema: Json, resolve: Resolve, *, naive: bool) -> Json:
    """A schema, prepared, as one that needs no other document; `false` where nothing of it can be proven."""
    rewriting = Rewriting(resolve, naive=naive)
    try:
        root = rewriting.strengthened(schema)
    except RecursionError:  # a long way from one schema to the next
        return False
    return {**root, "$defs": rewriting.shared} if isinstance(root, dict) and rewriting.shared else root


class Rewriting:
    """One schema being rewritten, with those it refers to.

    What is unproven becomes `false`, so that values that come near it are left to openapi-core. That makes a schema
    stronger, which is sound only where a stronger part makes a stronger whole. Below `not`, `if` and `oneOf` it does
    not: there a schema has to be judged `exactly` as openapi-core does, or what holds it is unproven itself.
    """

    def __init__(self, resolve: Resolve, *, naive: bool) -> None:
        self._resolve, self.naive, self.is_exact = resolve, naive, False
        self.shared: dict[str, Json] = {}
        self._names: dict[tuple[str, bool], str] = {}
        self._unproven: set[str] = set()
        self._numbers = count()

    def strengthened(self, schema: Json) -> Json:
        if self.is_exact:
            return self._rewritten(schema)
        try:
            return self._rewritten(schema)
        except Unproven:
            return False

    def _rewritten(self, schema: Json) -> Json:
        if isinstance(schema, bool):
            return schema
        require(isinstance(schema, dict))
        result: dict[str, Json] = {}
        for keyword, value in schema.items():
            require(keyword in KEYWORDS)
            for name, rewritten in KEYWORDS[keyword](self, schema, keyword, value):
                # A pattern or a format is one more demand beside the schema's own.
                result[name] = [*result.get(name, ()), *rewritten] if name == "allOf" else rewritten
        return result

    @contextmanager
    def exactly(self) -> Iterator[None]:
        before, self.is_exact = self.is_exact, True
        try:
            yield
        finally:
            self.is_exact = before

    def reference(self, ref: Any) -> str:
        """The place of what is referred to; it has one for each of the two ways to be judged."""
        require(isinstance(ref, str) and "#" in ref and not (self.is_exact and ref in self._unproven))
        key = (ref, self.is_exact)
        if key not in self._names:
            name = self._names[key] = str(next(self._numbers))
            finished = set(self.shared)
            try:
                self.shared[name] = self.strengthened(self._found(ref))
            except Unproven:
                self._give_up(key, finished)
                raise
        return "#/$defs/" + self._names[key]

    def _found(self, ref: str) -> Json:
        try:
            return self._resolve(ref)
        except KeyError:
            raise Unproven from None

    def _give_up(self, key: tuple[str, bool], finished: set[str]) -> None:
        """Forget a schema, and those finished since, which may rely on it: it may be referring to itself."""
        self._unproven.add(key[0])
        del self._names[key]
        self._names = {each: name for each, name in self._names.items() if name in finished or name not in self.shared}
        self.shared = {name: schema for name, schema in self.shared.items() if name in finished}
