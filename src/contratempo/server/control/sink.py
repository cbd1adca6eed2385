"""Sinks: receivers of webhooks that are built in, so that looking at one needs no other."""

import base64
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import msgspec

from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.server.redaction import Redactor, redactor
from contratempo.server.service import Service
from contratempo.server.showing import BODY_KEPT, too_long
from contratempo.server.signing import Signer
from contratempo.server.worlds import World
from contratempo.sim.instants import format_instant
from contratempo.sim.simulation import Simulation

Headers: TypeAlias = Sequence[tuple[str, str]]

EMPTY: Final = "sink-empty"
"""The problem's code that tells a sink with nothing in it from a world that is none."""
_SECRET: Final = ("authorization", "proxy-authorization", "cookie", "x-mock-token")
_SHOWN: Final = ("number", "at", "received_at", "headers", "signature")


async def receive_at_sink(service: Service, world: World, request: Request) -> Response:
    """Keep what was sent; it is about the world, not part of it, so no command is counted."""
    sink, clean = world.simulation.journal.sink, redactor(_token(request.sent))
    number = sink.total + 1
    shown = [[name, clean.text(value)] for name, value in request.sent if name not in _SECRET]
    row = {
        "number": number,
        "at": format_instant(world.simulation.now),
        "received_at": format_instant(service.real.instant()),
        "name": request.path["name"],
        "headers": shown,
        "body": _kept(request.raw, clean),
        "signature": _judged(request, service.signer),
    }
    sink.add(row)
    return Response(200, {"received": number})


def list_sink(simulation: Simulation, request: Request) -> Response:
    """Answer what a sink has received: the first after `since`, or else the latest; Refusal 404 for nothing at all."""
    query, name = request.query, request.path["name"]
    since, limit = query.get("since", 0), query["limit"]
    held = simulation.journal.sink.where(lambda row: row["name"] == name)
    if not held:
        raise _empty(name)
    found = [row for row in held if row["number"] > since]
    listed = found[:limit] if "since" in query else found[-limit:]
    return Response(200, {"total": len(found), "received": [_describe(row) for row in listed]})


async def empty_sink(service: Service, world: World, request: Request) -> Response:
    """Drop what a sink has received, and nothing of the others."""
    sink = world.simulation.journal.sink
    others = sink.where(lambda row: row["name"] != request.path["name"])
    sink.clear()
    sink.load(others, sink.total)
    return Response(204)


def _empty(name: str) -> Refusal:
    """A sink is there from the first that it receives until it is emptied, so that one that is deleted is gone."""
    hint = f"give /_mock/sink/{name} of this server as an address for webhooks; X-Mock-World chooses a world"
    return Refusal(Problem("not-found", f"Nothing has come to the sink {name!r} in this world.", code=EMPTY, hint=hint))


def _describe(row: dict[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in _SHOWN}, "body": msgspec.json.decode(row["body"])}


def _token(headers: Headers) -> str | None:
    sent = next((value for name, value in headers if name == "authorization"), "")
    return sent.partition(" ")[2] or None


def _kept(raw: bytes, clean: Redactor) -> bytes:
    if len(raw) > BODY_KEPT:
        return too_long(len(raw))
    return clean.json(raw)


def _judged(request: Request, signer: Signer) -> str:
    """Say whether Telnyx's headers sign the bytes that came, as its SDKs check but for the age.

    Ed25519 signs the same bytes always in the same way (RFC 8032), so that signing again verifies.
    """
    headers = dict(request.sent)
    signature, timestamp = headers.get("telnyx-signature-ed25519"), headers.get("telnyx-timestamp")
    if signature is None and timestamp is None:
        return "none"
    right = signer.sign(f"{timestamp or ''}|".encode() + request.raw)
    return "valid" if signature == base64.b64encode(right).decode() else "invalid"
