"""Requests gone wrong: valid ones for every operation of every document, with bytes, headers and framing mutated."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from contratempo.contract.casting import resolver
from contratempo.contract.examples import media_type_example
from contratempo.server.service import Service

HEADERS: Final = [
    b"Host: other",
    b"Host:",
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 99999999",
    b"Content-Length: 1_0",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity",
    b"TE: trailers",
    b"Expect: 100-continue",
    b"Expect: wonders",
    b"Connection: close",
    b"Connection: Upgrade\r\nUpgrade: websocket",
    b"Connection: Upgrade\r\nUpgrade: h2c",
    b"X-A: b\r\n c",
    b" X-A: b",
    b"X-A : b",
    b"X-A: \x00",
    b"X-A: \r",
    b"X-A: b\nX-C: d",
    b"X-A: \xe9\xff",
    b": b",
    b"X-A",
    b"X-\xe9: a",
    b"X-Mock-World: \xe9",
    b"Authorization: Bearer",
    b"Content-Type: text/\xff",
    b"Idempotency-Key: " + b"k" * 9_000,
    b"X-Big: " + b"x" * 70_000,
    b"\r\n".join(b"X-%d: y" % number for number in range(120)),
]
TARGETS: Final = [
    b"*",
    b"mock:80",
    b"http://other/v1/calls/scheduled",
    b"/v1/calls/scheduled#a",
    b"/v2/messages/%",
    b"/v2/%00/%ff",
    b"/",
    b"/v2/" + b"x" * 9_000,
    b"//",
    b"/_mock/../v1",
    b"/_mock/clock?\xff",
    b"/v2/messages/\\",
    b"?",
    b"/v1/calls/scheduled?" + b"a&" * 2_000,
]
VERSIONS: Final = [b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/3.7", b"http/1.1", b"HTTP/1.1 ", b"", b"RTSP/1.0"]
METHODS: Final = [b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT", b"PATCH", b"FOO", b"get", b"PRI", b"G\x00T", b"QUERY", b""]
EXTENSIONS: Final = [b"", b"", b";a=b", b' ;a="b"', b";" + b"x" * 500]


@dataclass(frozen=True)
class Sample:
    """A valid request: its parts, and the operation it is for."""

    operation: str
    method: bytes
    target: bytes
    body: bytes

    def parts(self) -> list[bytes]:
        """Return method, target, version, headers joined, body."""
        head = [b"Host: 127.0.0.1", b"Authorization: Bearer key"]
        if self.body:
            head += [b"Content-Type: application/json", b"Content-Length: %d" % len(self.body)]
        return [self.method, self.target, b"HTTP/1.1", b"\r\n".join(head), self.body]


def samples(service: Service) -> Iterator[Sample]:
    """Yield a request for every operation of every document."""
    for name in service.providers:
        contract = service.catalog.contract(name, "spec")
        resolve = resolver(contract.document.tree)
        for operation in contract.document.operations.values():
            declared = resolve("#" + operation.pointer).get("requestBody", {})
            declared = resolve(declared["$ref"]) if "$ref" in declared else declared
            media_type = declared.get("content", {}).get("application/json")
            body = None if media_type is None else media_type_example(media_type, resolve, contract._is_valid)
            path = re.sub(r"{\w+}", "temphone", operation.base + operation.path)
            yield Sample(f"{name}.{operation.id}", operation.method.upper().encode(), path.encode(), _tame(body))


def _tame(body: Any) -> bytes:
    """Return a body as JSON that makes no other request wait, fail, or be the last."""
    if isinstance(body, dict) and "timeout_seconds" in body:
        body["timeout_seconds"] = 0
    if isinstance(body, dict) and "fault" in body:
        body = {"match": {"operation": "none"}, "fault": {"kind": "latency", "seconds": 0}, "times": 1}
    return b"" if body is None else json.dumps(body).encode()


def mutant(sample: Sample, chance: Random) -> bytes:
    """Return a request gone wrong in one way or several."""
    parts = sample.parts()
    for mutate in chance.choices(_OF_PARTS, k=chance.choice((0, 1, 1, 2))):
        mutate(parts, chance)
    raw = _joined(parts)
    for mutate in chance.choices(_OF_BYTES, k=chance.choice((0, 0, 1, 1, 2))):
        raw = mutate(raw, chance)
    return raw if raw.strip(b"\r\n") else b"x"


def split(raw: bytes, chance: Random) -> list[bytes]:
    """Return a request in up to four parts."""
    cuts = sorted(chance.sample(range(len(raw) + 1), k=min(chance.choice((0, 0, 1, 3)), len(raw))))
    return [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]


def _joined(parts: list[bytes]) -> bytes:
    return b"%b %b %b\r\n%b\r\n\r\n%b" % tuple(parts)


def _method(parts: list[bytes], chance: Random) -> None:
    parts[0] = chance.choice(METHODS)


def _target(parts: list[bytes], chance: Random) -> None:
    parts[1] = chance.choice([*TARGETS, parts[1] + b"/", parts[1] + b"?" + chance.randbytes(6)])


def _version(parts: list[bytes], chance: Random) -> None:
    parts[2] = chance.choice(VERSIONS)


def _header(parts: list[bytes], chance: Random) -> None:
    fields = parts[3].split(b"\r\n")
    fields.insert(chance.randint(0, len(fields)), chance.choice([*HEADERS, chance.choice(fields)]))
    parts[3] = b"\r\n".join(fields)


def _no_header(parts: list[bytes], chance: Random) -> None:
    fields = parts[3].split(b"\r\n")
    fields.pop(chance.randrange(len(fields)))
    parts[3] = b"\r\n".join(fields)


def _length(parts: list[bytes], chance: Random) -> None:
    lie = b"Content-Length: %d" % max(0, len(parts[4]) + chance.choice((-30, -1, 1, 40)))
    parts[3] = re.sub(rb"Content-Length: \d+", lie, parts[3])


def _chunks(parts: list[bytes], chance: Random) -> None:
    """Put the body into chunks, of which one or the end may be wrong."""
    parts[3] = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", parts[3])
    body, framed = parts[4], b""
    while body:
        size = chance.randint(1, len(body))
        framed += b"%x%b\r\n%b\r\n" % (size + chance.choice((0,) * 9 + (1, -1)), chance.choice(EXTENSIONS), body[:size])
        body = body[size:]
    parts[4] = framed + chance.choice(
        (b"0\r\n\r\n",) * 3 + (b"0\r\nX-A: b\r\n\r\n", b"0\r\nHost: b\r\n\r\n", b"0\n\n", b"")
    )


def _body(parts: list[bytes], chance: Random) -> None:
    parts[4] = chance.randbytes(chance.choice((0, 10, 3_000)))


def _flip(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + chance.randbytes(1) + raw[at + 1 :]


def _drop(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw))
    return raw[:at] + raw[at + chance.randint(1, 20) :] or b"x"


def _repeat(raw: bytes, chance: Random) -> bytes:
    at, size = chance.randrange(len(raw)), chance.randint(1, 60)
    return raw[: at + size] + raw[at:]


def _insert(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw))
    return (
        raw[:at]
        + chance.choice((b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"\x7f", chance.randbytes(8)))
        + raw[at:]
    )


def _bare(raw: bytes, chance: Random) -> bytes:
    return raw.replace(b"\r\n", b"\n", chance.choice((1, -1)))


def _cut(raw: bytes, chance: Random) -> bytes:
    return raw[: chance.randint(1, len(raw))]


def _twice(raw: bytes, chance: Random) -> bytes:
    return raw * 2


_OF_PARTS: Final[list[Callable[[list[bytes], Random], None]]] = [
    _method, _target, _version, _header, _header, _header, _no_header, _length, _chunks, _chunks, _body,
]  # fmt: skip
_OF_BYTES: Final[list[Callable[[bytes, Random], bytes]]] = [
    _flip,
    _flip,
    _drop,
    _repeat,
    _insert,
    _insert,
    _bare,
    _cut,
    _twice,
]
