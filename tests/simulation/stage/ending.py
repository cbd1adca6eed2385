"""The laws of the end: nothing is left over, and what is told of the past adds up."""

import asyncio
from typing import Final

from stage.attempts import brief
from stage.book import Observed
from stage.loop import place
from stage.witness import Witness

from contratempo.sim import saved
from contratempo.sim.history import Place
from contratempo.sim.instants import format_instant, parse_instant
from contratempo.sim.rewinding import Rebuild
from contratempo.sim.webhooks import DONE, Webhook

ALLOWED: Final = "_shutdown_watcher"
"""The library's own task for streams, one for each thread, which looks for a signal."""


def check_worlds(witness: Witness) -> None:
    """Hold worlds at rest to what that means."""
    book = witness.book
    for world in witness.service.worlds:
        simulation = world.simulation
        assert isinstance(simulation, Observed)
        if outstanding := witness.service.sender.outstanding(world):
            book.fail(f"{outstanding} attempts outstanding in {world.id} at rest")
        if witness.open:
            book.fail(f"still open at rest: {', '.join(map(str, witness.open))}")
        for webhook in simulation.outbox:
            if webhook.status not in (*DONE, "held"):
                book.fail(f"not done with at rest: {brief(webhook)}")


def check_end(witness: Witness) -> None:
    """Hold a server that has shut down to having left nothing behind."""
    book = witness.book
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task() and ALLOWED not in repr(task)]
    for task in left:
        book.fail(f"left behind: {task.get_name()} at {place(task)}")
    if witness.open:
        book.fail(f"connections left open: {', '.join(map(str, witness.open))}")
    for world in book.worlds:
        if witness.alive(world):
            _check_history(witness, world)


def _check_history(witness: Witness, world: Observed) -> None:
    book, account = witness.book, world.account
    shown = {(record["id"], "status"): record["status"] for _, record in world.records}
    told = {place: to for place, to in account.statuses.items() if place[1] == "status" and to is not None}
    if shown != told:
        book.fail(f"records say {shown}, transitions {told}")
    if world.now != account.start + account.moved:
        book.fail(f"{format_instant(account.start)} and {account.moved} is not {format_instant(world.now)}")
    if parse_instant(world.start["now"]) != account.start:
        book.fail(f"{world.origin.id} began at {world.start} and not at {format_instant(account.start)}")
    saved_once = saved.dump(world)
    if saved.dump(saved.load(saved_once, world.origin)) != saved_once:
        book.fail(f"{world.origin.id} is another when loaded")
    for position, then in {**world.marked, world.head: saved_once}.items():
        made_anew = saved.dump(Rebuild(world, Place(position)).finished().world)
        if made_anew | {"clock": None} != then | {"clock": None}:
            book.fail(f"{world.origin.id} is made anew as another at position {position} of {world.head}")
    for webhook in world.outbox:
        _check_arrivals(witness, world, webhook)


def _check_arrivals(witness: Witness, world: Observed, webhook: Webhook) -> None:
    """Each attempt at an address of its own was made on the wire, once; none of a fork that captures."""
    about = witness.service.worlds.get(world.origin.id)
    captures = about is not None and about.captures
    for attempt in webhook.attempts:
        arrived = witness.arrivals[world, world.epoch, webhook.id, attempt.number]
        known = attempt.url.startswith("http://127.0.0.1:900") and not captures
        if (webhook.id, attempt.number) in world.account.inherited:
            continue
        if (known and attempt.state in ("delivered", "failed") and arrived != 1) or arrived > 2:
            witness.book.fail(f"attempt {attempt.number} arrived {arrived} times: {brief(webhook)}")
