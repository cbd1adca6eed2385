"""Soundness: whether a saved world, well-formed as it may be, is one that could have come about here."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from contratempo.contract.contract import Contract
from contratempo.provider import Provider
from contratempo.server.catalog import Catalog
from contratempo.server.savedform import Moment, Number
from contratempo.sim import sending
from contratempo.sim.faults import Faults
from contratempo.sim.instants import LATEST, parse_instant
from contratempo.sim.outcomes import Outcomes, describe
from contratempo.sim.records import Kind, Record
from contratempo.sim.simulation import Simulation
from contratempo.sim.undo import UndoLog

REHEARSED: Final = 2_000
"""Timers that are tried: some tenth of a second's work."""
_UUID: Final = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FORMS: Final[Mapping[Any, frozenset[str]]] = {
    Moment: frozenset({"due", "created", "updated", "sent", "completed"}),
    Number: frozenset({"ordinal", "retry_count", "max_retries_client_errors", "retry_interval_secs", "parts"}),
    str: frozenset({"id", "phone", "to", "from", "why", "conversation_id", "assistant_id"}),
}
"""What providers reckon with, though it may not be shown."""


class Unsound(ValueError):
    """A part of a saved world that cannot be so."""


def spoken(error: Exception) -> str:
    """Return what an exception says of a part of a saved world, with the place it was noted at, and no word of code."""
    where = "".join(f"{note}: " for note in getattr(error, "__notes__", ()))
    if isinstance(error, KeyError):
        return f"{where}there is no {error.args[0]!r}"
    if isinstance(error, ValueError | AssertionError) and str(error):
        return where + str(error).replace("`", "")
    return f"{where}something in it is of another type than it may be"


def check_sound(simulation: Simulation, saved: dict[str, Any], catalog: Catalog) -> None:
    """Raise Unsound, by the place, for a part of a loaded world that would fail later."""
    profile = simulation.origin.profile
    for name in ("clock", "start"):
        parse_instant(saved[name]["now"])
    _check_records(simulation, saved["records"], lambda provider: catalog.contract(provider, profile))
    _check_minted(saved)
    _check_timers(simulation, saved["timers"])
    _check_webhooks(simulation, saved["outbox"])
    _check_plans(simulation, catalog.contract("control", profile))
    _check_ahead(simulation)


def _check_records(
    simulation: Simulation, saved: dict[str, list[dict[str, Any]]], contract: Callable[[str], Contract]
) -> None:
    for name, records in saved.items():
        kind = simulation.records.kind(name)
        _check_single(f"records.{name}", (record["id"] for record in records))
        for place, record in enumerate(records):
            try:
                _check_record(simulation, kind, record, contract)
            except Exception as error:
                raise Unsound(f"records.{name}[{place}]: {spoken(error)}"[:300]) from None


def _check_record(simulation: Simulation, kind: Kind, record: Record, contract: Callable[[str], Contract]) -> None:
    for field, lifecycle in kind.lifecycles.items():
        if record.get(field) is not None and record[field] not in lifecycle.transitions:
            raise Unsound(f"{field} {record[field]!r} is none of {kind.name}")
    for form, fields in _FORMS.items():
        for field in fields & record.keys():
            msgspec.convert(record[field], form)
    if kind.schema:
        shown = msgspec.json.decode(msgspec.json.encode(kind.represent(simulation, dict(record))))
        for violation in contract(kind.provider).check_schema(kind.schema, shown):
            raise Unsound(f"as it is shown, {violation.pointer} {violation.message}")


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


def _check_plans(simulation: Simulation, control: Contract) -> None:
    """Hold faults and scripts to what may be asked for of them."""
    for fault in simulation.faults:
        asked = {name: fault.dump()[name] for name in ("match", "fault", "times", "probability")}
        _check_asked(control, "NewFault", f"fault {fault.id}", asked)
        Faults(UndoLog()).add(fault)
    for script in simulation.outcomes.scripts.values():
        asked = {name: describe(script)[name] for name in ("match", "outcomes", "then")}
        _check_asked(control, "NewScript", f"script {script.id}", asked)
        Outcomes({}, UndoLog()).add(script)


def _check_asked(control: Contract, schema: str, where: str, asked: Any) -> None:
    for violation in control.check_schema(f"#/components/schemas/{schema}", asked):
        raise Unsound(f"{where}: {violation.pointer} {violation.message}")


def _check_minted(saved: dict[str, Any]) -> None:
    """Ids are counted: one that was given would be given again."""
    for name, records in saved["records"].items():
        short = sum(not _UUID.fullmatch(record["id"]) for record in records)
        last = max((record.get("ordinal", 0) for record in records), default=0)
        for counter, least in ((name, last), (f"short/{name}", short)):
            if saved["ordinals"].get(counter, 0) < least:
                raise Unsound(f"ordinals: {counter} is less than {least}, which there are")


def _check_ahead(simulation: Simulation) -> None:
    """Let what is due next happen, and take it back: a timer that fails would do so in an advance."""
    with simulation.rehearsal():
        for _ in range(REHEARSED):
            timer = simulation.timers.peek(LATEST)
            if timer is None:
                return
            try:
                simulation.step()
            except Exception as error:
                name = f"timer {timer.number} ({timer.provider} {timer.kind})"
                raise Unsound(f"{name} cannot be done: {spoken(error)}"[:300]) from None


def _check_single(where: str, names: Iterable[Any]) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Unsound(f"{where}: {twice[0]!r} is there twice")


def _of(actor: Any, name: str) -> Iterable[str]:
    return getattr(actor, name) if isinstance(actor, Provider) else ()
