"""Routing: connexion finds the operation of a path and method; what it cannot say about the others is said here."""

import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from contratempo.contract.document import Document, Operation
from contratempo.contract.routing import renamed, routing_view, specificity, template_of
from contratempo.server.routes import IndexedRouter
from contratempo.server.templates import parameters_of

with warnings.catch_warnings():  # connexion asks jsonschema for a deprecated name: no affair of who runs strictly
    warnings.simplefilter("ignore", DeprecationWarning)
    from connexion.middleware import ConnexionMiddleware
    from connexion.middleware.main import API
    from connexion.middleware.routing import RoutingMiddleware
    from connexion.resolver import Resolution, Resolver
    from connexion.spec import OpenAPISpecification

_MOST_KNOWN = 2_048
"""Paths whose routing is remembered, and how long one may be."""
_LONGEST_KNOWN = 256
_PLAIN = re.compile(rb"[A-Za-z0-9/_.~-]*")


class ByOperationId(Resolver):  # type: ignore[misc]
    """Leaves operations to the endpoint: it asks for their id, not for a function."""

    def resolve(self, operation: object) -> Resolution:
        """Return the operation's id with nothing to call."""
        return Resolution(None, self.resolve_operation_id(operation))


class Skeleton(OpenAPISpecification):  # type: ignore[misc]
    """What connexion is given of documents: made by us of documents that were checked, and not checked again."""

    @classmethod
    def _validate_spec(cls, spec: object) -> None:
        pass


class Indexed(RoutingMiddleware):  # type: ignore[misc]
    """connexion's own routing, its routes put in an order: it tries one after the other, and a document has many."""

    def add_api(self, *args: object, **kwargs: object) -> None:
        """Add an API, as connexion does."""
        super().add_api(*args, **kwargs)
        mount = self.router.routes[-1]
        mount.app = IndexedRouter(mount.app)


class Known(NamedTuple):
    """What routing adds to the scope of requests for a path as it was sent, and to the scope's extensions."""

    scope: dict[str, Any]
    extensions: dict[str, Any]


class Routing:
    """An ASGI application that routes by percent-encoded segments and leaves the rest to `endpoint`.

    Before `endpoint` is called, `scope["extensions"]["connexion_routing"]["operation_id"]` is `document.operationId`,
    or None; `scope["extensions"]["allow"]` then lists the methods that the path does have.
    """

    def __init__(self, endpoint: ASGIApp, documents: Sequence[Document]) -> None:
        self._endpoint = endpoint
        self._table = Table(documents)
        self._names = _names(documents)
        self._known: dict[tuple[str, bytes], Known] = {}
        self._middleware = ConnexionMiddleware(self._routed, middlewares=[Indexed])
        # One API for all base paths: a document may have thousands, and each API costs milliseconds. It is added as
        # connexion's `add_api` does, which makes its specification of a dict itself.
        options = self._middleware.options.replace(resolver=ByOperationId())
        self._middleware.apis.append(API(Skeleton(routing_view(documents, "")), base_path="", **options.__dict__))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw, extensions = scope.get("raw_path") or scope["path"].encode(), scope.get("extensions", {})
        known = self._known.get((scope["method"], raw))
        if known is not None:
            found = {**extensions, **known.extensions}
            return await self._endpoint({**scope, **known.scope, "extensions": found}, receive, send)
        path = normal_path(raw)
        scope = {**scope, "path": path, "raw_path": raw, "root_path": "", "extensions": {**extensions}, "app": self}
        # starlette would send a path elsewhere that only lacks a final slash
        strays = path.endswith("/") and not self._table.has_slash(path)
        if strays or not self._table.concrete_allows(path, scope["method"]):
            return await self._unrouted(scope, receive, send)
        try:
            await self._middleware(scope, receive, send)
        except HTTPException:
            await self._unrouted(scope, receive, send)

    async def _routed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Go on to the endpoint, path parameters under the names that the document has for them.

        The way there is the same the next time, and three times as long as remembering it.
        """
        identifier, raw = scope["extensions"]["connexion_routing"]["operation_id"] or "", scope["raw_path"]
        parameters, names = scope.get("path_params", {}), self._names.get(identifier)
        if names is not None:
            parameters = {names.get(name, name): value for name, value in parameters.items()}
            scope = dict(scope, path_params=parameters)
        if identifier and len(raw) <= _LONGEST_KNOWN:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = {"path": scope["path"], "path_params": parameters, "root_path": "", "app": self}
            self._known[scope["method"], raw] = Known(found, {"connexion_routing": {"operation_id": identifier}})
        await self._endpoint(scope, receive, send)

    async def _unrouted(self, scope: Scope, receive: Receive, send: Send) -> None:
        routing = {"operation_id": None}
        found = {"connexion_routing": routing, "allow": self._table.methods(scope["path"])}
        extensions = {**scope["extensions"], **found}
        await self._endpoint(dict(scope, extensions=extensions), receive, send)


def _names(documents: Sequence[Document]) -> dict[str, dict[str, str]]:
    """Return the parameters that the router knows by another name, by operation; few documents have such."""
    operations = (operation for document in documents for operation in document.operations.values())
    found = {f"{operation.document}.{operation.id}": renamed(operation.path) for operation in operations}
    return {operation: names for operation, names in found.items() if names}


def normal_path(raw: bytes) -> str:
    """Return the path with every segment percent-encoded in one way, so that `%2F` and `%0A` stay inside theirs."""
    if _PLAIN.fullmatch(raw):
        return raw.decode()
    return "/".join(quote(unquote_to_bytes(segment), safe="") for segment in raw.partition(b"?")[0].split(b"/"))


class Table:
    """The operations by path, for what a router does not tell: allowed methods, and who answers for a path."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self._paths: dict[str, list[Operation]] = {}
        for document in documents:
            for operation in document.operations.values():
                self._paths.setdefault(operation.base + template_of(operation.path), []).append(operation)
        self._ending = [template for template in self._paths if template.endswith("/")]

    def concrete_allows(self, path: str, method: str) -> bool:
        """Say whether a path written out in a document has the method; a templated path must not answer for it."""
        operations = self._paths.get(path)
        return operations is None or method in _methods(operations)

    def has_slash(self, path: str) -> bool:
        """Say whether a path that ends with a slash is one of a document's that do."""
        return any(_matches(template, path) for template in self._ending)

    def methods(self, path: str) -> tuple[str, ...]:
        """Return the methods of the most specific path that matches, for `Allow`; none when none matches."""
        matching = [template for template in self._paths if _matches(template, path)]
        if not matching:
            return ()
        best = min(matching, key=specificity)
        return _methods(self._paths[best])

    def answering(self, path: str) -> str | None:
        """Return the document that shares most leading segments with a path, or None when no base path does."""
        candidates = [document for document in self.documents if self._has(document, path)]
        if not candidates:
            return None
        return max(candidates, key=lambda document: self._shared(document, path)).name

    @staticmethod
    def _has(document: Document, path: str) -> bool:
        return any(_under(path, base) for base in {operation.base for operation in document.operations.values()})

    def _shared(self, document: Document, path: str) -> int:
        return max(_common(operation.base + operation.path, path) for operation in document.operations.values())


def _under(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")


def _methods(operations: Sequence[Operation]) -> tuple[str, ...]:
    methods = {operation.method.upper() for operation in operations}
    return tuple(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _matches(template: str, path: str) -> bool:
    wanted, found = template.split("/"), path.split("/")
    return len(wanted) == len(found) and all(map(_fits, wanted, found))


def _fits(wanted: str, found: str) -> bool:
    return wanted == found or ("{" in wanted and parameters_of(wanted, found) is not None)


def _common(template: str, path: str) -> int:
    shared = 0
    for wanted, found in zip(template.split("/"), path.split("/"), strict=False):
        if not _fits(wanted, found):
            break
        shared += 1
    return shared


def decoded(parameters: Mapping[str, str]) -> dict[str, str] | None:
    """Return path parameters decoded, or None when one is not UTF-8."""
    try:
        return {name: unquote_to_bytes(value).decode() if "%" in value else value for name, value in parameters.items()}
    except UnicodeDecodeError:
        return None
