"""Soundness: whether a saved world, well-formed as it may be, is one that could have come about here."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from contratempo.provider import Provider
from contratempo.sim import sending
from contratempo.sim.faults import FaultError, Faults
from contratempo.sim.instants import parse_instant
from contratempo.sim.outcomes import OutcomeError, Outcomes
from contratempo.sim.simulation import Simulation
from contratempo.sim.undo import UndoLog

REHEARSED: Final = 2_000
"""Timers that are tried: some tenth of a second's work."""


class Unsound(ValueError):
    """A part of a saved world that cannot be so."""


def check_sound(simulation: Simulation, saved: dict[str, Any]) -> None:
    """Raise Unsound, by the place, for a part of a loaded world that would fail later."""
    for name in ("clock", "start"):
        parse_instant(saved[name]["now"])
    _check_records(simulation, saved["records"])
    _check_timers(simulation, saved["timers"])
    _check_webhooks(simulation, saved["outbox"])
    _check_plans(simulation)
    _check_ahead(simulation)


def _check_records(simulation: Simulation, saved: dict[str, list[dict[str, Any]]]) -> None:
    for name, records in saved.items():
        kind = simulation.records.kind(name)
        _check_single(f"records.{name}", (record["id"] for record in records))
        for place, record in enumerate(records):
            where = f"records.{name}[{place}]"
            for field, lifecycle in kind.lifecycles.items():
                if field in record and record[field] is not None and record[field] not in lifecycle.transitions:
                    raise Unsound(f"{where}: {field} {record[field]!r} is none of {name}")
            try:
                msgspec.json.encode(kind.represent(simulation, record | {}))
            except Exception as error:
                raise Unsound(f"{where} is no {name}: {type(error).__name__} {error}"[:300]) from None


def _check_timers(simulation: Simulation, saved: dict[str, Any]) -> None:
    _check_single("timers", (timer["number"] for timer in saved["timers"]))
    for place, timer in enumerate(saved["timers"]):
        where, actor = f"timers[{place}]", simulation.origin.actors.get(timer["provider"])
        kinds = {"attempt"} if timer["provider"] == sending.NAME else set(_of(actor, "timers"))
        if timer["kind"] not in kinds:
            raise Unsound(f"{where}: {timer['provider']} has no timer {timer['kind']!r}")
        if timer["number"] > saved["last"]:
            raise Unsound(f"{where}: number {timer['number']} is above the last, {saved['last']}")


def _check_webhooks(simulation: Simulation, saved: dict[str, Any]) -> None:
    webhooks = saved["webhooks"]
    _check_single("webhooks", (webhook["id"] for webhook in webhooks))
    for place, webhook in enumerate(webhooks):
        where, actor = f"outbox.webhooks[{place}]", simulation.origin.actors.get(webhook["provider"])
        hooks = actor.webhooks if isinstance(actor, Provider) else None
        if hooks is None or webhook["event"] not in hooks.events:
            raise Unsound(f"{where}: {webhook['provider']} sends no {webhook['event']!r}")
        if [attempt["number"] for attempt in webhook["attempts"]] != list(range(1, len(webhook["attempts"]) + 1)):
            raise Unsound(f"{where}: its attempts are not numbered from 1")
        if not _is_object(webhook["body"]):
            raise Unsound(f"{where}: its body is no JSON object")
    known = {webhook["id"] for webhook in webhooks}
    if missing := [held for each in saved["held"].values() for held in each if held not in known]:
        raise Unsound(f"outbox.held: there is no webhook {missing[0]!r}")


def _is_object(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False


def _check_plans(simulation: Simulation) -> None:
    try:
        for fault in simulation.faults:
            Faults(UndoLog()).add(fault)
        for script in simulation.outcomes.scripts.values():
            Outcomes({}, UndoLog()).add(script)
    except (FaultError, OutcomeError) as error:
        raise Unsound(f"faults and outcomes: {error}") from None


def _check_ahead(simulation: Simulation) -> None:
    """Let what is due next happen, and take it back: a timer that fails would do so in an advance."""
    with simulation.rehearsal():
        for _ in range(REHEARSED):
            timer = simulation.timers.peek()
            if timer is None:
                return
            try:
                simulation.step()
            except Exception as error:
                name = f"timer {timer.number} ({timer.provider} {timer.kind})"
                raise Unsound(f"{name} cannot be done: {type(error).__name__} {error}"[:300]) from None


def _check_single(where: str, names: Iterable[Any]) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Unsound(f"{where}: {twice[0]!r} is there twice")


def _of(actor: Any, name: str) -> Iterable[str]:
    return getattr(actor, name) if isinstance(actor, Provider) else ()
