"""Credentials of a request: present and well formed. Whether they are known is not the document's business."""

import re
from collections.abc import Callable
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


def _authorization(parameters: Any, wanted: str) -> str:
    scheme, _, token = _only(parameters["header"], "Authorization").partition(" ")
    if scheme.lower() != wanted or not CREDENTIALS(token):
        raise SecurityProviderError(f"no {wanted} credentials")
    return token


def _only(fields: Any, name: str) -> str:
    values: list[str] = fields.get(name, [])
    if len(values) != 1 or not values[0]:
        raise SecurityProviderError(f"{name} has to be sent once")
    return values[0]
