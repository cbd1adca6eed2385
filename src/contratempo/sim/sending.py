"""Sending: how webhooks leave a world, and what their receipts lead to."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from contratempo.sim.faults import Victim
from contratempo.sim.webhooks import DONE, Policy, Receipt, Webhook, next_try

if TYPE_CHECKING:
    from contratempo.sim.simulation import Simulation

NAME: Final = "webhooks"
"""The provider of the outbox's own timers; their subject is a webhook's id."""


def emit(
    simulation: "Simulation",
    provider: str,
    event: str,
    resource: str,
    urls: Sequence[str],
    body: Callable[[str], Any],
    policy: Policy,
    *,
    last: bool = False,
) -> str | None:
    """Send a webhook to the first of `urls`, failing that to the next; return its id, None where there is no address.

    `body(id)` is its JSON without what depends on the attempt. `last` says that no other webhook of the resource is to
    come, so that a fault has nothing to put it behind. For providers, inside a command.
    """
    if not urls:
        return None
    identifier, about = simulation.uuid("webhook"), Victim(provider, event=event, resources=(resource,), last=last)
    struck = simulation.faults.choose(about, simulation.chance)
    raw, number = msgspec.json.encode(body(identifier)), simulation.outbox.total + 1
    webhook = Webhook(identifier, number, provider, event, resource, simulation.now, tuple(urls), raw, policy)
    if struck is not None:
        webhook = replace(webhook, fault={"id": struck.id, "kind": struck.kind})
    simulation.outbox.add(webhook)
    if simulation.outbox.full:
        simulation.outbox.put(replace(webhook, status="dropped"))
    else:
        _send(simulation, webhook, {"kind": None} if struck is None else struck.fault)
    return identifier


def _send(simulation: "Simulation", webhook: Webhook, fault: Mapping[str, Any]) -> None:
    """Begin the first attempt, or what a fault makes of it; then those that waited for it to go out."""
    outbox = simulation.outbox
    match fault["kind"]:
        case "drop":
            outbox.put(replace(webhook, status="dropped"))
        case "delay":
            outbox.put(replace(webhook, status="held"))
            simulation.schedule(fault["seconds"], NAME, "attempt", webhook.id)
        case "reorder":
            outbox.put(replace(webhook, status="held"))
            outbox.hold(webhook)
            return
        case kind:
            opened = outbox.open(webhook, simulation.now)
            if kind == "duplicate":
                outbox.open(opened, simulation.now, extra=True)
    for identifier in outbox.release(webhook.resource):
        attempt(simulation, identifier)


def attempt(simulation: "Simulation", identifier: str) -> None:
    """Begin the next attempt of a webhook that still waits for one."""
    webhook = simulation.outbox.get(identifier)
    if webhook is not None and webhook.status in ("pending", "held"):
        simulation.outbox.open(webhook, simulation.now)


def redeliver(simulation: "Simulation", identifier: str) -> Webhook:
    """Send a webhook once more to the address tried last, whatever came of it; KeyError when there is none."""
    webhook = simulation.outbox.get(identifier)
    if webhook is None:
        raise KeyError(identifier)
    return simulation.outbox.open(webhook, simulation.now, extra=True)


def receive(simulation: "Simulation", identifier: str, number: int, receipt: Receipt) -> bool:
    """Take in what came of an attempt and plan the next; False, and nothing has changed, when it is not under way."""
    closed = simulation.outbox.close(identifier, number, receipt)
    if closed is None:
        return False
    webhook, _ = closed
    if (due := next_try(*closed)) is not None:
        simulation.timers.add(max(simulation.now, due), NAME, "attempt", identifier)
    elif webhook.status in DONE:
        simulation.timers.cancel(identifier)
    return True
