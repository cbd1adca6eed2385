"""The guard of the control plane: who may not call it, whatever is called."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from contratempo.provider import Problem
from contratempo.server.wire import Incoming

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_OPEN: Final = ("livez", "readyz")
_HOST: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::[0-9]{0,5})?", re.ASCII)
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_OWN_SITES: Final = (None, "same-origin", "none")
"""What a browser says of a page of ours (or of an address typed in); programs say nothing. Another port of this machine
is `same-site`: whatever is developed there is not ours."""


@dataclass(frozen=True)
class Guard:
    """`hosts` are names a request may give as Host beside loopback's; `token` is None where none is asked for."""

    hosts: Sequence[str]
    token: str | None = field(repr=False)

    def problem(self, incoming: Incoming) -> Problem | None:
        """Return why a control call is refused, or None: a foreign Host, another site's page, a missing token."""
        return self._host(incoming) or self._site(incoming) or self._token(incoming)

    def _host(self, incoming: Incoming) -> Problem | None:
        host = host_name(incoming.header("host") or "")
        if host in _LOOPBACK or host in self.hosts:
            return None
        hint = f"start with --allowed-host {host}" if host else "send a Host header"
        return Problem("forbidden", f"The control plane does not answer to the host {host!r}.", hint=hint)

    def _site(self, incoming: Incoming) -> Problem | None:
        origin = incoming.header("origin")
        if incoming.header("sec-fetch-site") not in _OWN_SITES or not _same_origin(origin, incoming.header("host")):
            return Problem(
                "forbidden", "The control plane does not answer pages of other sites.", hint="call it from its own page"
            )
        writes = incoming.method not in _SAFE
        if writes and origin is not None and not _is_json(incoming.header("content-type")):
            return Problem("forbidden", "A page must send JSON here.", hint="send Content-Type: application/json")
        return None

    def _token(self, incoming: Incoming) -> Problem | None:
        if self.token is None or incoming.operation in _OPEN:
            return None
        sent = incoming.header("x-mock-token") or ""
        if hmac.compare_digest(sent.encode(), self.token.encode()):
            return None
        hint = "send X-Mock-Token with the token printed at start (CONTRATEMPO_CONTROL_TOKEN)"
        return Problem("unauthorized", "The control plane needs its token here.", hint=hint)


def is_host(text: str) -> bool:
    """Say whether a text is a host as requests are compared with it: a name, or an address without brackets."""
    if ":" not in text:
        return host_name(text) == text.lower() != ""
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def host_name(host: str) -> str:
    """Return the name in a Host header, in lower case without its port; empty when it is not one."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def _same_origin(origin: str | None, host: str | None) -> bool:
    """Say whether an origin is that of the host: over http, or over https at a name, before which a proxy may stand."""
    if origin is None:
        return True
    schemes = ("http",) if host_name(host or "") in _LOOPBACK else ("http", "https")
    return origin.lower() in [f"{scheme}://{host}".lower() for scheme in schemes]


def _is_json(content_type: str | None) -> bool:
    return (content_type or "").partition(";")[0].strip().lower() == "application/json"
