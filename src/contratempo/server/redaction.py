"""Redaction: secrets leave what is written down or shown, and stay out of it however they came in."""

import logging
import re
from base64 import b64decode
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote, unquote_plus

import msgspec

from contratempo.contract.pointer import to_pointer

REDACTED: Final = "[REDACTED]"
SHORTEST: Final = 8
"""Characters that a token has at least to be looked for: anything may contain a shorter one."""
NAMES: Final = frozenset({
    "access_token", "api-key", "api_key", "apikey", "authorization", "client_secret", "key", "password", "secret",
    "signature", "token",
})  # fmt: skip
"""Members and query parameters, in lower case, whose values are not shown whatever they are."""

_STEM: Final = re.compile("key|token|secret|password|signature|authorization|sk_|bearer|basic")
"""What every secret's name or form has in it, in lower case."""
_NAMED: Final = "|".join(sorted(map(re.escape, NAMES), key=len, reverse=True))
_KEYS: Final = re.compile(r"KEY[0-9A-Fa-f]{32}_[0-9A-Za-z_-]+|sk_(?:live|test)_[0-9A-Za-z_-]{4,}")
_USERINFO: Final = re.compile(r"""//[^/?#\s"'<>\\]*@""")
_BEARER: Final = re.compile(r"\b(bearer)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
_BASIC: Final = re.compile(r"\b(basic)\s+([A-Za-z0-9+/]{4,}={0,2})", re.IGNORECASE)
_ASSIGNED: Final = re.compile(rf"""(?<![\w-])((?:{_NAMED})\]?=)[^&#\s"'<>]+""", re.IGNORECASE)
_QUOTED: Final = re.compile(rf"""("(?:{_NAMED})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}}\]]+)""", re.IGNORECASE | re.DOTALL)
_PLAIN_SECRET: Final = re.compile(r"(?=[^A-DF-Za-df-z]*[A-DF-Za-df-z])[!#-&(-\[\]-~]+")
"""ASCII without space, quotes and backslash, which JSON and Python's own notation have as it is, and no number."""
_SCHEME: Final = re.compile(r"(bearer|basic|digest)\s+\S", re.IGNORECASE)
_STRUCTURE: Final = re.compile(
    rf"""
    "(?:{_NAMED})"\s*:                    # a member
    | (?<![\w-])(?:{_NAMED})\]?=          # a parameter inside a URL
    | \\"(?:{_NAMED})\\"                  # a member of JSON inside a string
    | key[0-9a-f]{{32}}_ | sk_(?:live|test)_ | \b(?:bearer|basic)\s
    """.encode(),
    re.VERBOSE,
)
"""Looks for secrets in a body in lower case."""


class Secrets:
    """The secrets given (of SHORTEST characters or more), the caller's token among them, looked for in a hurry."""

    __slots__ = ("_needles", "_odd", "all")

    def __init__(self, known: Iterable[str], token: str | None = None) -> None:
        self.all = [secret for secret in ((*known, token) if token else known) if len(secret) >= SHORTEST]
        self._needles = [(form, form.encode()) for secret in self.all for form in _forms(secret)]
        # a character that can be written in two ways, or a number, hides from who looks at the text alone
        self._odd = None in map(_PLAIN_SECRET.fullmatch, self.all)

    def may_be_in(self, text: str, *bodies: bytes) -> bool:
        """Say whether any may be in a text or in JSON: yes when in doubt, and no only when there is none."""
        if self._odd:
            return True
        for secret, needle in self._needles:
            if secret in text:
                return True
            for body in bodies:
                if needle in body:
                    return True
        return bool(self._needles) and True in map(_escapes, bodies)


@lru_cache(64)
def secrets_of(known: tuple[str, ...], token: str | None) -> Secrets:
    """Return the secrets given with the token of a caller, who mostly calls again."""
    return Secrets(known, token)


class Redactor:
    """Takes out the secrets given (of SHORTEST characters or more), vendors' keys, userinfo and what is named secret.

    What has nothing of the kind costs a few looks and comes back as it is, the same object.
    """

    __slots__ = ("_hidden", "_needles", "_secrets")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = [reading for secret in secrets if len(secret) >= SHORTEST for reading in _readings(secret)]
        self._needles = [secret.encode() for secret in self._secrets]
        # where an encoder may write a character in two ways, only the decoded text tells
        self._hidden = any(not secret.isascii() or '"' in secret or "\\" in secret for secret in self._secrets)

    def text(self, text: str) -> str:
        """Return text without secrets; of an authorization the scheme is kept."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        if "@" in text and "//" in text:
            text = _USERINFO.sub(f"//{REDACTED}@", text)
        if _STEM.search(text.lower()) is None:
            return text
        text = _BASIC.sub(_basic, _BEARER.sub(rf"\1 {REDACTED}", _KEYS.sub(REDACTED, text)))
        return _ASSIGNED.sub(rf"\1{REDACTED}", _QUOTED.sub(_quoted, text))

    def line(self, text: str) -> str:
        """Return text for a line of a log: without secrets, and with nothing that moves the cursor."""
        text = self.text(text)
        if text.isprintable():
            return text
        return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)

    def path(self, path: str) -> str:
        """Return a path without secrets, percent-encoded ones included."""
        return self._encoded(path, unquote(path)) if "%" in path else self.text(path)

    def query(self, query: str) -> str:
        """Return a query as it was sent, without the values of parameters named like a secret and without secrets."""
        meant = unquote_plus(query) if "%" in query or "+" in query else query
        if _STEM.search(meant.lower()) is None and self.text(meant) == meant:
            return query
        return "&".join(map(self._parameter, query.split("&")))

    def json(self, body: bytes) -> bytes:
        """Return a JSON body without secrets; what is not JSON after all becomes a text."""
        if not self._suspect(body):
            return body
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return msgspec.json.encode(self.text(body.decode("utf-8", "replace")))
        shown = self.value(value)
        return body if shown == value else msgspec.json.encode(shown)

    def value(self, value: Any) -> Any:
        """Return a JSON value without secrets, its members' names included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self._member(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        return value if isinstance(value, bool) or self.text(str(value)) == str(value) else REDACTED

    def _member(self, name: str, value: Any) -> Any:
        if name.lower() not in NAMES or value is None or isinstance(value, bool):
            return self.value(value)
        return _hidden(value) if isinstance(value, str) else REDACTED

    def _parameter(self, pair: str) -> str:
        name, _, value = pair.partition("=")
        if value and not NAMES.isdisjoint(unquote_plus(name).lower().replace("]", "[").split("[")):
            return f"{self.text(name)}={REDACTED}"
        return self._encoded(pair, unquote_plus(pair)) if "%" in pair or "+" in pair else self.text(pair)

    def _encoded(self, sent: str, meant: str) -> str:
        """Return what was sent, unless what it means has a secret: then that, encoded again."""
        shown = self.text(meant)
        return sent if shown == meant else quote(shown, safe="/:=?[]@", errors="replace")

    def _suspect(self, body: bytes) -> bool:
        for needle in self._needles:
            if needle in body:
                return True
        if self._hidden or (b"@" in body and b"//" in body):
            return True
        if _escapes(body):
            return True
        lowered = body.lower()
        return _may_tell(lowered) and _STRUCTURE.search(lowered) is not None


class Lines(logging.Formatter):
    """Writes each event of a log on one line, a traceback included, without the secrets given and others."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(levelname)s %(message)s")
        self._clean = Redactor(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of an event."""
        return self._clean.line(super().format(record))


def _escapes(body: bytes) -> bool:
    """Say whether there are escapes that no encoder needs: they may hide a secret."""
    return b"\\" in body and (b"\\u00" in body or b"\\/" in body)


def _may_tell(sent: bytes) -> bool:
    """Say of bytes in lower case what _STEM says of text, in less time: it is asked of every body."""
    return (
        b"key" in sent or b"token" in sent or b"secret" in sent or b"password" in sent or b"signature" in sent
        or b"authorization" in sent or b"sk_" in sent or b"bearer" in sent or b"basic" in sent
    )  # fmt: skip


def redacted(text: str, token: str | None, secrets: Iterable[str] = ()) -> str:
    """Return text without the caller's token, the secrets given or any vendor's key."""
    return redactor(token, secrets).text(text)


def logged(text: str, token: str | None, secrets: Iterable[str] = ()) -> str:
    """Return text as `redacted` does, fit for a line of the log: nothing in it ends the line or moves the cursor."""
    return redactor(token, secrets).line(text)


def redactor(token: str | None, secrets: Iterable[str] = ()) -> Redactor:
    """Return what takes out the caller's token and the secrets given."""
    return Redactor((*secrets, token) if token else secrets)


def _readings(secret: str) -> set[str]:
    """Return a secret as it is, and as what it is in UTF-8 when it came as the Latin-1 of a header."""
    try:
        read = {secret, secret.encode("latin-1").decode()}
    except UnicodeError:
        read = {secret}
    return read.union(*map(_forms, read))


def _forms(secret: str) -> set[str]:
    """Return a secret as it is, and as it stands in a JSON pointer: a member may be called so."""
    return {secret, to_pointer((secret,))[1:]}


def _hidden(value: str) -> str:
    return f"{scheme[1]} {REDACTED}" if (scheme := _SCHEME.match(value)) else REDACTED


def _quoted(found: re.Match[str]) -> str:
    if found[2] in ("null", "true", "false"):
        return found[0]
    return f'{found[1]}"{_hidden(found[2][1:] if found[2][0] == chr(34) else found[2])}"'


def _basic(found: re.Match[str]) -> str:
    """Credentials of scheme Basic have a colon inside; other words after `basic` are words."""
    try:
        told = b":" in b64decode(found[2] + "=" * (-len(found[2]) % 4))
    except ValueError:
        told = False
    return f"{found[1]} {REDACTED}" if told else found[0]
