"""Credentials of a request: present and well formed. Whether they are known is not the document's business."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema_path import SchemaPath
from openapi_core.security.exceptions import SecurityProviderError
from openapi_core.security.factories import SecurityProviderFactory

CREDENTIALS = re.compile(r"[\x21-\x7e]+").fullmatch


class Credentials(SecurityProviderFactory):
    """Stricter than openapi-core's own: an empty token is none, a scheme's name has any case, one header only."""

    def create(self, scheme: SchemaPath) -> Callable[[Any], str | None]:
        kind = (scheme / "type").read_str()
        if kind == "apiKey":
            name, location = (scheme / "name").read_str(), (scheme / "in").read_str()
            return lambda parameters: _only(parameters[location], name)
        if kind == "mutualTLS":
            return lambda parameters: None
        wanted = (scheme / "scheme").read_str("bearer").lower()  # oauth2 and openIdConnect send bearer tokens
        return lambda parameters: _authorization(parameters, wanted)


def presented(requirements: Any, schemes: Mapping[str, Any], sent: Any) -> Iterator[dict[str, str]]:
    """The credentials a request has for each requirement that it satisfies, by scheme; "" for what is shown elsewhere.

    `requirements` are those of an operation, in the document's words, `schemes` its securitySchemes.
    """
    for requirement in requirements:
        try:
            yield {name: _credential(schemes[name], sent) for name in requirement}
        except SecurityProviderError:
            continue


def challenge(scheme: Mapping[str, Any]) -> str:
    """A scheme as WWW-Authenticate names it."""
    if scheme["type"] == "http":
        return f'{str(scheme.get("scheme", "bearer")).title()} realm="mock"'
    return f'ApiKey realm="mock", in="{scheme["in"]}"' if scheme["type"] == "apiKey" else 'Bearer realm="mock"'


def readings(credential: str) -> tuple[str, ...]:
    """What a credential may be known by: itself; of a user's name and password in Base64 these, too."""
    try:
        user, colon, password = (
            b64decode(credential + "=" * (-len(credential) % 4), validate=True).decode().partition(":")
        )
    except ValueError:
        return (credential,)
    return (credential, user, password, f"{user}:{password}") if colon else (credential,)


def _credential(scheme: Mapping[str, Any], sent: Any) -> str:
    if scheme["type"] == "apiKey":
        return _only(getattr(sent, scheme["in"]), scheme["name"])
    if scheme["type"] == "mutualTLS":
        return ""
    return _authorization({"header": sent.header}, str(scheme.get("scheme", "bearer")).lower())


def _authorization(parameters: Any, wanted: str) -> str:
    scheme, _, token = _only(parameters["header"], "Authorization").partition(" ")
    free = wanted not in ("bearer", "basic")  # the credentials of other schemes, such as digest, are lists
    if scheme.lower() != wanted or not (token.strip() if free else CREDENTIALS(token)):
        raise SecurityProviderError(f"no {wanted} credentials")
    return token


def _only(fields: Any, name: str) -> str:
    values: list[str] = fields.get(name, [])
    if len(values) != 1 or not values[0]:
        raise SecurityProviderError(f"{name} has to be sent once")
    return values[0]
