"""Faults: how a request meets one, in the vendor's style where it answers, on the wire where it does not."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any, Final

from starlette.types import Send

from contratempo.contract.contract import Contract
from contratempo.contract.violation import Violation
from contratempo.provider import Problem, Provider, Response
from contratempo.server.connection import Wire
from contratempo.server.routing import decoded
from contratempo.server.wire import Incoming, send_response
from contratempo.sim.faults import UNDONE, Fault, Victim
from contratempo.sim.simulation import Simulation

_KINDS: Final = {
    400: "rule",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method",
    408: "timeout",
    409: "conflict",
    413: "too-large",
    429: "rate-limited",
}
_BROKEN: Final = {
    415: Violation("content-type", (), "media-type", "is not taken"),
    422: Violation("body", (), "fault", "cannot be processed"),
}
_OWN_WORDS: Final = ("unauthorized", "rate-limited", "internal")
_ODD: Final = ({"contratempo": "breaks the contract"}, ["contratempo"], None)
_SILENT: Final = ("reset", "empty", "drop_after_commit")


def choose(simulation: Simulation, incoming: Incoming, *, invalid: bool) -> Fault | None:
    """Return the fault that strikes a request, used once more by that, or None; the control plane meets none."""
    if incoming.provider == "control" or incoming.operation is None or not len(simulation.faults):
        return None
    named = decoded(incoming.parameters) or {}
    victim = Victim(incoming.provider, incoming.operation, resources=tuple(named.values()), invalid=invalid)
    if not simulation.threatened(victim):
        return None
    struck: Fault | None = simulation.apply({"kind": "strike", "victim": asdict(victim)})
    return struck


def explain(fault: Fault) -> str:
    """Return what the trace says of a fault."""
    details = ", ".join(f"{name} {value}" for name, value in fault.fault.items() if name != "kind")
    count = f"{fault.struck}" if fault.times is None else f"{fault.struck} of {fault.times}"
    return f"fault {fault.id}: {fault.kind}{f' ({details})' if details else ''}, strike {count}"


def prevents(fault: Fault) -> bool:
    """Say whether a fault keeps the operation from being done."""
    return fault.kind in UNDONE


def prevented(provider: Provider, fault: Fault) -> Response:
    """Return the vendor's answer to a request whose operation was not done; status 0 where there will be none."""
    if fault.kind != "status":
        return Response(0)
    after = fault.fault.get("retry_after")
    response = provider.refuse(_problem(int(fault.fault["status"])))
    if after is None:
        return response
    told = {"retry-after": f"{after:g}"} | ({"x-ratelimit-reset": f"{after:g}"} if _limits(response) else {})
    kept = {name: value for name, value in response.headers.items() if name.lower() not in told}
    return replace(response, headers=kept | told)


def _limits(response: Response) -> bool:
    return any(name.lower() == "x-ratelimit-reset" for name in response.headers)


def _problem(status: int) -> Problem:
    """Return the problem that a vendor would answer with a status: in its own words where it has some for that."""
    if status in _BROKEN:
        return Problem("invalid", violations=(_BROKEN[status],), status=status)
    kind = _KINDS.get(status, "internal" if status >= 500 else "rule")
    known = next((each.phrase for each in HTTPStatus if each == status), "Refused")
    return Problem(kind, "" if kind in _OWN_WORDS else f"{known}.", status=status)


def marked(fault: Fault, contract: Contract, incoming: Incoming, response: Response) -> Response:
    """Return an answer that says in its trace what strikes it, and breaks the contract where that is the fault."""
    told = explain(fault)
    if fault.kind == "breaks_contract":
        broken = breaking(contract, incoming.operation or "", response)
        response, told = (response, f"{told}; the document takes any answer") if broken is None else (broken, told)
    return replace(response, trace=(*response.trace, told))


def breaking(contract: Contract, operation: str, response: Response) -> Response | None:
    """Return the answer with a body that the contract refuses, the least that breaks it; None if it takes any."""
    for body in _broken(response.body):
        status = 200 if response.body is None else response.status
        if contract.check_response(operation, status, "application/json", body, tuple(response.headers.items())):
            return replace(response, status=status, body=body, media_type="application/json")
    return None


def _broken(body: Any) -> Iterator[Any]:
    """Yield bodies ever further from the right one: a member of another type, one missing, another body."""
    yield from _changed(body)
    yield from _ODD


def _changed(body: Any) -> Iterator[Any]:
    if isinstance(body, dict):
        for name in sorted(body):
            yield body | {name: _other(body[name])}
        for name in sorted(body):
            yield {each: value for each, value in body.items() if each != name}
            yield from (body | {name: inner} for inner in _changed(body[name]))
    elif isinstance(body, list) and body:
        yield from ([inner, *body[1:]] for inner in _changed(body[0]))


def _other(value: Any) -> Any:
    return "breaks the contract" if isinstance(value, bool | int | float | dict | list) else 0


async def strike(
    fault: Fault, wire: Wire | None, send: Send, response: Response, body: bytes, *, with_body: bool
) -> None:
    """Answer as a fault has it: after a delay, in part, in disorder, or not at all."""
    await asyncio.sleep(fault.fault.get("seconds", 0))
    if fault.kind in _SILENT:
        _end(wire, abruptly=fault.kind == "reset")
    elif fault.kind == "truncated":
        await _send_half(send, response, body, with_body=with_body)
        _end(wire, abruptly=False)
    elif fault.kind == "malformed":
        await send_response(send, response, malformed(body), with_body=with_body)
    else:
        await send_response(send, response, body, with_body=with_body)


def malformed(body: bytes) -> bytes:
    """Return bytes that are no JSON, with the beginning of the right ones."""
    return body[: len(body) // 2] + b'"}{<html>'


async def _send_half(send: Send, response: Response, body: bytes, *, with_body: bool) -> None:
    async def cut(message: Any) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": message["body"][: len(body) // 2], "more_body": True}
        await send(message)

    await send_response(cut, response, body, with_body=with_body)


def _end(wire: Wire | None, *, abruptly: bool) -> None:
    """End the connection; without one at hand, returning unanswered has the server do so."""
    if wire is not None:
        wire.reset() if abruptly else wire.close()
