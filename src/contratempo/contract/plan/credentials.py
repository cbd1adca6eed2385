"""Credentials that are plainly there: those of an HTTP scheme or of a key, in a header."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from jsonschema_path import SchemaPath

from contratempo.contract.security import CREDENTIALS

from .keywords import Unproven

Headers = Mapping[str, str]
Shown = Callable[[Headers], bool]


def shown(spec: SchemaPath, operation: SchemaPath) -> Shown | None:
    """What says yes to headers with the credentials an operation asks for; None if it asks for none."""
    wanted = (operation if "security" in operation else spec).get("security")
    if not wanted:
        return None
    first, *more = [_alternative(spec, requirement) for requirement in wanted]
    return first if not more else lambda headers: any(each(headers) for each in (first, *more))


def _alternative(spec: SchemaPath, requirement: SchemaPath) -> Shown:
    schemes = [spec["components"]["securitySchemes"][name] for name in requirement.str_keys()]
    try:
        checks = [_check(scheme) for scheme in schemes]
    except Unproven:
        return lambda headers: False
    return checks[0] if len(checks) == 1 else lambda headers: all(check(headers) for check in checks)


def _check(scheme: SchemaPath) -> Shown:
    kind = (scheme / "type").read_str()
    if kind == "apiKey" and (scheme / "in").read_str() == "header":
        name = (scheme / "name").read_str().lower()
        return lambda headers: bool(headers.get(name))
    if kind not in ("http", "oauth2", "openIdConnect"):
        raise Unproven
    prefix = (scheme / "scheme").read_str("bearer").lower()
    return lambda headers: _authorized(headers.get("authorization", ""), prefix)


@lru_cache(256)
def _authorized(header: str, wanted: str) -> bool:
    scheme, _, token = header.partition(" ")
    return scheme.lower() == wanted and CREDENTIALS(token) is not None
