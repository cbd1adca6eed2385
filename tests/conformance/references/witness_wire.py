"""What a client can see of any provider before an operation is reached."""

from typing import Any

from .driver import Driver


def knock(client: Driver, path: str, body: dict[str, Any]) -> None:
    """Try methods, tokens, bodies and media types at a path that takes `body` by POST."""
    for method in ("PUT", "PATCH"):
        client(method, path)
    client("GET", path[:3] + "/nowhere/at/all")
    for authorization in (
        "Bearer none",
        "Basic key-of-w",
        "Token key-of-w",
        "Bearer KEY-OF-W",
        "Bearer key-of-world",
        "key-of-w",
    ):
        client("POST", path, body, authorization=authorization)
    client.token = None
    client("PUT", path)
    client("POST", path, body)
    client("GET", path)
    client.token = "key-of-w"
    big = b'{"a": %d}' % 2**70
    for raw in (
        b"",
        b"{",
        b"[]",
        b'{"a": 1, "a": 2}',
        b'{"a": "\xf0\x9f\x91\x8b"}',
        big,
        b"\xff",
        b"[" * 9999,
        b"[" * 600 + b"]" * 600,
    ):
        client("POST", path, raw)
    client("POST", path, body, content_type="text/plain")
    client("POST", path, body, content_type="application/json; charset=utf-8")
    client("POST", path, body, accept_encoding="gzip")
    client("OPTIONS", path)
