"""The parts of a control plane: clock, outcomes, resources, requests, rules, worlds, contracts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, TypedDict, Unpack

from contratempo.client.answers import (
    Advance,
    ClockState,
    ContractState,
    MagicTarget,
    MintedWorld,
    RequestRow,
    Resource,
    RuleState,
    Script,
    WorldState,
    read,
    read_advance,
    read_all,
    text_of,
)
from contratempo.client.transport import Transport, given, known, segment

Span: TypeAlias = str | float | timedelta | datetime
"""How far to advance: `24h`, `PT1H`, seconds, a timedelta; or an instant, `next`, `idle`."""

_LONGEST_WAIT: Final = 5.0
"""Seconds for which the server holds one request for more; longer waits ask again."""


class Clock:
    """A world's clock. Its `now()` is an aware UTC datetime."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self) -> ClockState:
        """Return what the clock shows."""
        return read(ClockState, self._transport.call("GET", "/clock"))

    def now(self) -> datetime:
        """Return the world's instant."""
        return self.get().now

    def advance(
        self, span: Span, *, wait: Literal["webhooks", "none"] = "webhooks", wait_turn: bool = False
    ) -> Advance:
        """Let time pass and return what happened; ControlError 409 when the instant lies behind."""
        wish = {**_wish(span), "wait": wait, "wait_turn": wait_turn}
        return read_advance(self._transport.call("POST", "/clock/advance", body=wish))

    def freeze(self) -> ClockState:
        """Stop the clock where it is."""
        return self.set(mode="frozen")

    def run(self, rate: float = 1.0) -> ClockState:
        """Let the clock run, `rate` seconds for each real one."""
        return self.set(mode="running", rate=rate)

    def set(
        self,
        *,
        now: datetime | None = None,
        mode: Literal["frozen", "running"] | None = None,
        rate: float | None = None,
    ) -> ClockState:
        """Change any of the three; a `now` before the present is a ControlError 409."""
        change = {"now": None if now is None else text_of(now), "mode": mode, "rate": rate}
        return read(ClockState, self._transport.call("PUT", "/clock", body=given(change)))


class Outcomes:
    """What calls and messages come to."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def script(
        self,
        *outcomes: str | Mapping[str, Any],
        to: str | None = None,
        sender: str | None = None,
        resource: str | None = None,
        operation: str | None = None,
        then: Literal["repeat", "default"] = "repeat",
    ) -> Script:
        """Script one outcome an attempt, for whatever matches: `script("busy", {"status": "completed", "talk": 30})`.

        `sender` is where it comes from. When the list is used up the last one repeats, unless `then` is `default`.
        """
        match = given({"to": to, "from": sender, "resource": resource, "operation": operation})
        wish = {"match": match, "outcomes": list(outcomes), "then": then}
        return read(Script, self._transport.call("POST", "/outcomes", body=wish))

    def list(self) -> tuple[Script, ...]:
        """Return the scripts, oldest first."""
        return read_all(Script, self._transport.call("GET", "/outcomes")["scripts"])

    def magic(self) -> tuple[MagicTarget, ...]:
        """Return the numbers that decide where no script does."""
        return read_all(MagicTarget, self._transport.call("GET", "/outcomes")["magic"])

    def delete(self, script: Script | str) -> None:
        """Remove a script."""
        identifier = script if isinstance(script, str) else script.id
        self._transport.call("DELETE", f"/outcomes/{segment(identifier)}")

    def clear(self) -> None:
        """Remove every script."""
        self._transport.call("DELETE", "/outcomes")


class Resources:
    """Every record of the world, whichever vendor's."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, *, provider: str | None = None, kind: str | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[Resource, ...]:
        """Return a page of records, kind by kind; at most 1,000 at a time."""
        query = {"provider": provider, "kind": kind, "offset": offset, "limit": limit}
        return read_all(Resource, self._transport.call("GET", "/resources", query=query)["resources"])

    def get(self, identifier: str) -> Resource:
        """Return a record; ControlError 404 when there is none."""
        return read(Resource, self._transport.call("GET", f"/resources/{segment(identifier)}"))

    def cancel(self, identifier: str) -> Resource:
        """Cancel what a record schedules and return what is left of it; ControlError 409 when it is too late."""
        return read(Resource, self._transport.call("POST", f"/resources/{segment(identifier)}/cancel"))


class Filters(TypedDict, total=False):
    """What requests are looked for: `path` is a part of one, `fault` the kind of a fault that struck."""

    operation: str
    provider: str
    status: int
    verdict: Literal["accepted", "refused"]
    resource: str
    method: str
    path: str
    fault: str


class Requests:
    """The journal of vendors' requests; filters of other names are a TypeError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, *, since: int | None = None, limit: int = 100, **filters: Unpack[Filters]) -> tuple[RequestRow, ...]:
        """Return rows, oldest first: the first ones after number `since`, else the latest."""
        query = {"since": since, "limit": limit, **known(filters, Filters)}
        return read_all(RequestRow, self._transport.call("GET", "/requests", query=query)["requests"])

    def wait(
        self, count: int = 1, *, timeout: float = 5.0, since: int | None = None, **filters: Unpack[Filters]
    ) -> tuple[RequestRow, ...]:
        """Return the matching rows once there are `count`; TimeoutError after `timeout` real seconds."""
        wish = given({"match": known(filters, Filters), "count": count, "since": since})
        while True:
            held = min(timeout, _LONGEST_WAIT)
            answer = self._transport.call("POST", "/requests/wait", body={**wish, "timeout_seconds": held})
            rows = read_all(RequestRow, answer["requests"])
            timeout -= held
            if answer["satisfied"]:
                return rows
            if timeout <= 0:
                raise TimeoutError(_came_instead(count, filters, answer["count"], self.list(limit=10)))

    def clear(self) -> None:
        """Drop the journal's rows."""
        self._transport.call("DELETE", "/requests")


class Rules:
    """What the documents leave open, as named values of this world."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> tuple[RuleState, ...]:
        """Return every rule, in order of name."""
        return read_all(RuleState, self._transport.call("GET", "/rules")["rules"])

    def get(self, name: str) -> RuleState:
        """Return the rule of this full name; KeyError when there is none."""
        for rule in self.list():
            if rule.name == name:
                return rule
        raise KeyError(f"there is no rule {name!r}: names are in full, such as temphone.past_datetime")

    def set(self, values: Mapping[str, str | float | None]) -> tuple[RuleState, ...]:
        """Override rules by full name, all or none; None takes an override back. ControlError 404 or 422."""
        return read_all(RuleState, self._transport.call("PATCH", "/rules", body=dict(values))["rules"])


class Worlds:
    """The worlds of the server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        *,
        id: str | None = None,
        clock: datetime | str | None = None,
        seed: str | None = None,
        profile: str | None = None,
        fixtures: str | None = None,
    ) -> MintedWorld:
        """Make a world; with `clock` it stands frozen there. ControlError 404, 409, 422 or 429.

        With `fixtures` it starts as that saved world: `retry-storm`, `daylight-saving` or `campaign`.
        """
        started = _instant_text(clock) if isinstance(clock, str) else clock and text_of(clock)
        wish = given({"id": id, "clock": started, "seed": seed, "profile": profile, "fixtures": fixtures})
        return read(MintedWorld, self._transport.call("POST", "/worlds", body=wish))

    def list(self) -> tuple[WorldState, ...]:
        """Return every world, the default one first."""
        return read_all(WorldState, self._transport.call("GET", "/worlds")["worlds"])

    def delete(self, identifier: str) -> None:
        """Delete a world with all that is in it."""
        self._transport.call("DELETE", f"/worlds/{segment(identifier)}")


class Contracts:
    """The documents in force."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> tuple[ContractState, ...]:
        """Return one entry for each provider, with the statuses seen so far."""
        return read_all(ContractState, self._transport.call("GET", "/contracts")["contracts"])

    def document(self, provider: str) -> dict[str, Any]:
        """Return a provider's effective document."""
        document: dict[str, Any] = self._transport.call("GET", f"/contracts/{segment(provider)}/openapi.json")
        return document


def _wish(span: Span) -> dict[str, Any]:
    if isinstance(span, datetime):
        return {"to": text_of(span)}
    if isinstance(span, timedelta):
        return {"by": span.total_seconds()}
    if isinstance(span, str) and (span in ("next", "idle") or "-" in span):
        return {"to": _instant_text(span)}
    return {"by": span}


def _instant_text(text: str) -> str:
    """Return a written instant with its offset; what is none is left for the server to refuse."""
    try:
        return text_of(datetime.fromisoformat(text))
    except ValueError:
        return text


def _came_instead(count: int, filters: Mapping[str, Any], found: int, latest: tuple[RequestRow, ...]) -> str:
    wanted = " ".join(f"{name}={value}" for name, value in filters.items()) or "any"
    came = "".join(f"\n  {row.number} {row.method} {row.path} -> {row.status} ({row.operation})" for row in latest)
    return f"waited for {count} requests ({wanted}), {found} came; the latest of all are:{came or ' none'}"
