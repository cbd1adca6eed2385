"""The floor: a bare ASGI application that validates nothing and keeps nothing: what the HTTP server alone costs."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from exchanges import merged_document

_LIST = merged_document()["paths"]["/ai/assistants/{assistant_id}/scheduled_events"]["get"]
_PAGE = json.dumps(_LIST["responses"]["200"]["content"]["application/json"]["example"]).encode()


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer a GET with a page of 20 and anything else with its own body."""
    if scope["type"] != "http":
        return
    body = (await receive()).get("body", b"")
    status = 200 if scope["method"] == "GET" or "messages" in scope["path"] else 422 if b"pigeon" in body else 201
    answer = _PAGE if scope["method"] == "GET" else body
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})
