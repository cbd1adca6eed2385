"""The parts of a control plane about what goes over the wire: webhooks, the sinks that receive them, and faults."""

from typing import Final, TypedDict, Unpack

from contratempo.client.answers import FaultState, SinkRow, WebhookRow, read, read_all
from contratempo.client.transport import ControlError, Transport, given, known, segment

_EMPTY: Final = "sink-empty"
"""The kind of the 404 that means that nothing has come."""


class WebhookFilters(TypedDict, total=False):
    """What webhooks are looked for: `event` such as message.sent, `status` such as delivered."""

    provider: str
    event: str
    resource: str
    status: str


class Webhooks:
    """What the world sends; filters of other names are a TypeError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, *, since: int | None = None, limit: int = 100, **filters: Unpack[WebhookFilters]
    ) -> tuple[WebhookRow, ...]:
        """Return webhooks, oldest first: the first ones after number `since`, else the latest."""
        query = {"since": since, "limit": limit, **known(filters, WebhookFilters)}
        return read_all(WebhookRow, self._transport.call("GET", "/webhooks", query=query)["webhooks"])

    def get(self, identifier: str) -> WebhookRow:
        """Return a webhook; ControlError 404 when there is none."""
        return read(WebhookRow, self._transport.call("GET", f"/webhooks/{segment(identifier)}"))

    def redeliver(self, webhook: WebhookRow | str) -> WebhookRow:
        """Send a webhook once more to the address tried last, and return it before the receiver has answered.

        ControlError 404 when there is none, 409 when it has had all the attempts it may have.
        """
        identifier = webhook if isinstance(webhook, str) else webhook.id
        return read(WebhookRow, self._transport.call("POST", f"/webhooks/{segment(identifier)}/redeliver"))

    def public_key(self) -> str:
        """Return the base64 of the Ed25519 key that the server's signatures are verified with."""
        return str(self._transport.call("GET", "/webhooks/public-key")["public_key"])


class Sink:
    """A receiver of webhooks that is built in; `url` is the address to give where one is asked for."""

    def __init__(self, transport: Transport, name: str) -> None:
        self._transport = transport
        self._path = f"/sink/{segment(name)}"
        self.name = name
        self.url = transport.url(self._path)

    def list(self, *, since: int | None = None, limit: int = 100) -> tuple[SinkRow, ...]:
        """Return what it received, oldest first: the first after number `since`, else the latest."""
        query = {"since": since, "limit": limit}
        try:
            answer = self._transport.call("GET", self._path, query=query)
        except ControlError as error:
            if error.kind != _EMPTY:
                raise
            return ()
        return read_all(SinkRow, answer["received"])

    def clear(self) -> None:
        """Drop what it received; numbers go on."""
        self._transport.call("DELETE", self._path)


class Faults:
    """What goes wrong on the wire, of requests or of webhooks."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def add(
        self,
        kind: str,
        *,
        provider: str | None = None,
        operation: str | None = None,
        resource: str | None = None,
        event: str | None = None,
        invalid: bool | None = None,
        status: int | None = None,
        seconds: float | None = None,
        retry_after: int | None = None,
        times: int | None = 1,
        probability: float = 1.0,
    ) -> FaultState:
        """Let the next `times` that match go wrong (None: all until it is removed), each by chance: `add("reset")`.

        Requests meet `status` (with `status` and perhaps `retry_after`), `latency`, `reset`, `empty`, `truncated`,
        `malformed`, `breaks_contract` and `drop_after_commit`, all after real `seconds` if given; with `invalid` those
        that are refused are struck too. Webhooks, which have an `event`, meet `duplicate`, `reorder`, `drop`,
        `bad_signature` and `delay`, by `seconds` of the world. ControlError 422 for what does not go together.
        """
        match = {"provider": provider, "operation": operation, "resource": resource, "event": event, "invalid": invalid}
        fault = {"kind": kind, "status": status, "seconds": seconds, "retry_after": retry_after}
        wish = {"match": given(match), "fault": given(fault), "times": times, "probability": probability}
        return read(FaultState, self._transport.call("POST", "/faults", body=wish))

    def list(self) -> tuple[FaultState, ...]:
        """Return the faults, oldest first, used up or not."""
        return read_all(FaultState, self._transport.call("GET", "/faults")["faults"])

    def delete(self, fault: FaultState | str) -> None:
        """Remove a fault."""
        identifier = fault if isinstance(fault, str) else fault.id
        self._transport.call("DELETE", f"/faults/{segment(identifier)}")

    def clear(self) -> None:
        """Remove every fault."""
        self._transport.call("DELETE", "/faults")
