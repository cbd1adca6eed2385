"""History: checkpoints, going back to a position, and worlds that go on from one on their own."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from contratempo.provider import Problem, Refusal, Request, Response
from contratempo.server.control.clock import sent_instant
from contratempo.server.control.problems import conflict
from contratempo.server.service import Service
from contratempo.server.worlds import World, unknown_world
from contratempo.sim.history import CHECKPOINTS_KEPT, History, HistoryError, Place
from contratempo.sim.instants import format_instant
from contratempo.sim.rewinding import Rebuild, Undone, fork, rewind, undone
from contratempo.sim.simulation import Simulation

UNDONE_LISTED: Final = 1_000
"""Transitions that a rewind lists; all are counted."""
_NOT_FOUND: Final = {
    "unknown-checkpoint": "GET /_mock/checkpoints lists them",
    "unknown-position": "GET /_mock/checkpoints tells the head and the oldest position",
    "forgotten": "GET /_mock/checkpoints tells the oldest position; a reset or a load begins history anew",
}
_CONFLICT: Final = {
    "after-now": "POST /_mock/clock/advance goes forwards",
    "before-history": "give an instant from then on, or POST /_mock/reset",
}
"""What to do next, by the code of what cannot be gone to."""


def list_checkpoints(simulation: Simulation, request: Request) -> Response:
    """Answer every checkpoint, in the order of their heads."""
    history = simulation.history
    marks = sorted(history.checkpoints.items(), key=lambda mark: mark[1])
    checkpoints = [describe_checkpoint(history, name, head) for name, head in marks]
    return Response(200, {"head": simulation.head, "first": history.first, "checkpoints": checkpoints})


def describe_checkpoint(history: History, name: str, head: int) -> dict[str, Any]:
    """Return a checkpoint as a list shows it."""
    now, branch = history.instant(head), history.branch_of(head).number
    return {"name": name, "head": head, "now": format_instant(now), "branch": branch}


async def create_checkpoint(service: Service, world: World, request: Request) -> Response:
    """Give the present head a name; it is about the world, not part of it, so that no command is counted for it."""
    wish, simulation = request.body or {}, world.simulation
    marks, name = simulation.history.checkpoints, wish.get("name")
    if name in marks and not wish.get("replace", False):
        detail = f"There is a checkpoint {name!r} already, of head {marks[name]}."
        raise conflict(detail, "choose another name, or send replace: true to move it here", code="checkpoint-taken")
    if name not in marks and len(marks) >= CHECKPOINTS_KEPT:
        detail = f"There are {CHECKPOINTS_KEPT} checkpoints, as many as may be."
        raise Refusal(Problem("rate-limited", detail, hint="DELETE /_mock/checkpoints/{name} removes one"))
    head = simulation.apply({"kind": "stand"})
    name = name or _free_name(marks, head)
    marks[name] = head
    world.changed.notify()
    return Response(201, describe_checkpoint(simulation.history, name, head))


async def delete_checkpoint(service: Service, world: World, request: Request) -> Response:
    """Remove a checkpoint; Refusal 404 when there is none of that name."""
    marks, name = world.simulation.history.checkpoints, request.path["name"]
    try:
        world.simulation.history.named(name)
    except HistoryError as error:
        raise refused(error) from None
    del marks[name]
    world.changed.notify()
    return Response(204)


async def rewind_world(service: Service, world: World, request: Request) -> Response:
    """Take a world back to a place, or say what that would take back."""
    wish = request.body
    async with service.pump.turn(world, wait=wish.get("wait_turn", False)):
        rebuild = await rebuilt(world, wish)
        simulation = world.simulation
        if wish.get("dry_run", False):
            would = {"head": simulation.head + 1, "branch": simulation.history.latest_branch + 1}
            taken = undone(simulation, rebuild)
        else:
            taken = _going_back(service, world, rebuild)
            would = {"head": simulation.head, "branch": simulation.branch}
        answer = {"now": format_instant(rebuild.world.now), **would, "position": rebuild.place.position}
    if not wish.get("dry_run", False):  # what was under way and is captured has been so by now, which are commands
        answer["head"] = simulation.head
    return Response(200, answer | _describe_undone(taken))


def _going_back(service: Service, world: World, rebuild: Rebuild) -> Undone:
    try:
        taken = rewind(world.simulation, rebuild)
    except HistoryError as error:  # forgotten while it was being rebuilt
        raise refused(error) from None
    service.sender.abandon(world)
    return taken


def _describe_undone(taken: Undone) -> dict[str, Any]:
    latest = taken.transitions[: -UNDONE_LISTED - 1 : -1]
    return {
        "undone_count": taken.total,
        "undone_commands": taken.commands,
        "unsent_impossible": taken.unsent,
        "undone": [transition.describe() for transition in latest],
    }


async def fork_world(service: Service, world: World, request: Request) -> Response:
    """Make a world that goes on from a place on its own."""
    wish = request.body or {}
    identifier = service.worlds.free(wish.get("id"))
    async with service.pump.turn(world, wait=wish.get("wait_turn", False)):
        rebuild = await rebuilt(world, wish)
        identifier = service.worlds.free(wish.get("id") or identifier)  # another may have been made meanwhile
        origin = replace(world.simulation.origin, id=identifier)
        try:
            forked = fork(world.simulation, rebuild, origin)
        except HistoryError as error:
            raise refused(error) from None
        forked.clock.anchor(service.realtime())
        made = service.worlds.add(identifier, forked, fork_of=world.id, captures=not wish.get("deliver", False))
    service.pump.changed(made)
    now = format_instant(forked.now)
    return Response(201, {"id": made.id, "api_key": made.api_key, "now": now, "head": forked.head})


async def rebuilt(world: World, wish: Mapping[str, Any], location: str = "body") -> Rebuild:
    """Make the world of a place beside the living one, in slices; Refusal 404 or 409 when it cannot be gone to."""
    try:
        rebuild = Rebuild(world.simulation, _place(world.simulation, wish, location))
        for _ in rebuild.steps():
            await asyncio.sleep(0)
            if world.gone:
                raise Refusal(unknown_world(world.id))
    except HistoryError as error:
        raise refused(error) from None
    return rebuild


def _place(simulation: Simulation, wish: Mapping[str, Any], location: str) -> Place:
    history = simulation.history
    if "to" in wish:
        return history.at(sent_instant(wish["to"], "to", location=location), simulation.now)
    if "checkpoint" in wish:
        return Place(history.named(wish["checkpoint"]))
    if "head" in wish:
        return Place(int(wish["head"]))
    return Place(simulation.head, simulation.now)  # a running clock has gone on since its latest command


def refused(error: HistoryError) -> Refusal:
    """Return the refusal of a position that cannot be gone to."""
    if error.code in _CONFLICT:
        return conflict(str(error), _CONFLICT[error.code], code=error.code)
    return Refusal(Problem("not-found", str(error), code=error.code, hint=_NOT_FOUND[error.code]))


def _free_name(marks: Mapping[str, int], head: int) -> str:
    name, more = f"head-{head}", 1
    while name in marks:
        more += 1
        name = f"head-{head}-{more}"
    return name
