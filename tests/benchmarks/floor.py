"""The floor: the same exchanges on bare Starlette, state kept and nothing validated: what HTTP alone costs."""

import itertools
import json
from collections import defaultdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_NUMBERS = itertools.count(1)
_ERRORS = {"detail": [{"loc": ["body", "telnyx_conversation_channel"], "msg": "not one of these", "type": "enum"}]}
events: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)


async def create(request: Request) -> JSONResponse:
    body, assistant = json.loads(await request.body()), request.path_params["assistant_id"]
    if body["telnyx_conversation_channel"] == "carrier_pigeon":
        return JSONResponse(_ERRORS, 422)
    event = {**body, "assistant_id": assistant, "scheduled_event_id": f"{next(_NUMBERS):036d}", "status": "pending"}
    events[assistant].append(event)
    return JSONResponse(event, 201)


async def show(request: Request) -> JSONResponse:
    size, number = int(request.query_params["page[size]"]), int(request.query_params["page[number]"])
    channel = request.query_params["conversation_channel"]
    found = [e for e in events[request.path_params["assistant_id"]] if e["telnyx_conversation_channel"] == channel]
    meta = {"total_results": len(found), "page_number": number, "page_size": size}
    return JSONResponse({"meta": meta, "data": found[(number - 1) * size : number * size]})


async def schedule(request: Request) -> JSONResponse:
    return JSONResponse({"data": {**json.loads(await request.body()), "id": f"{next(_NUMBERS):036d}"}})


_EVENTS = "/v2/ai/assistants/{assistant_id}/scheduled_events"
app = Starlette(
    routes=[
        Route(_EVENTS, create, methods=["POST"]),
        Route(_EVENTS, show, methods=["GET"]),
        Route("/v2/messages/schedule", schedule, methods=["POST"]),
    ]
)
