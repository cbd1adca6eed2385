"""The demonstration: a world with a past, a present and a future, standing just before the vendors' samples."""

from dataclasses import dataclass
from typing import Any, Final

from contratempo.sim.instants import parse_instant
from contratempo.sim.simulation import Simulation

START: Final = "2025-04-14T09:00:00Z"
"""Where the demonstration's clock starts."""
NOW: Final = "2025-04-15T13:00:00Z"
"""Where it stands when the server takes requests: the samples' earliest instant is seven minutes ahead."""

_ASSISTANT: Final = "assistant_reminders"  # not the samples' own, whose list shows their event alone
_AGENT: Final = "+12125550100"
_SINK: Final = "/_mock/sink/demo"
"""The built-in receiver to which the demonstration's webhooks go."""
_HOME: Final = "http://127.0.0.1:4010"


@dataclass(frozen=True)
class Step:
    """An operation called at an instant."""

    at: str
    provider: str
    operation: str
    body: dict[str, Any]
    path: dict[str, str]


def _event(at: str, due: str, to: str, **more: Any) -> Step:
    body = {"telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": to, "telnyx_agent_target": _AGENT}
    body |= {"scheduled_at_fixed_datetime": due, **more}
    return Step(at, "telnyx_assistants", "create_scheduled_event", body, {"assistant_id": _ASSISTANT})


def _text_event(at: str, due: str, to: str, text: str) -> Step:
    return _event(at, due, to, telnyx_conversation_channel="sms_chat", text=text)


def _message(at: str, due: str, to: str, text: str) -> Step:
    body = {"from": _AGENT, "to": to, "text": text, "send_at": due, "webhook_url": _SINK}
    return Step(at, "telnyx_messages", "ScheduleMessage", body, {})


def _call(at: str, due: str, message: str) -> Step:
    body = {"contact_id": "ctc_12kd88", "scheduled_at": due, "initial_message": message, "webhook_url": _SINK}
    return Step(at, "temphone", "scheduleCall", body, {})


STEPS: Final = (
    _event(START, "2025-04-14T10:00:00Z", "+12125550121", max_retries_client_errors=2, retry_interval_secs=600),
    _event(START, "2025-04-14T15:00:00Z", "+12125550122", max_retries_client_errors=1, retry_interval_secs=300),
    _event(START, "2025-04-14T16:30:00Z", "+12125550101"),
    _text_event(START, "2025-04-15T09:00:00Z", "+12125550101", "Your appointment is tomorrow at 8."),
    _message("2025-04-14T11:00:00Z", "2025-04-14T12:00:00Z", "+12125550102", "Your parcel is on its way."),
    _message("2025-04-14T11:00:00Z", "2025-04-14T12:05:00Z", "+12125550130", "Your parcel is on its way."),
    _call("2025-04-14T11:30:00Z", "2025-04-14T17:00:00Z", "Hi {{first_name}}, your plan renews in a week."),
    _event("2025-04-15T12:00:00Z", "2025-04-15T12:59:55Z", "+12125550103"),
    _message("2025-04-15T12:00:00Z", "2025-04-15T17:00:00Z", "+12125550102", "Your parcel comes between 6 and 8."),
    _event(
        "2025-04-15T12:30:00Z",
        "2025-04-15T18:00:00Z",
        "+12125550121",
        max_retries_client_errors=2,
        retry_interval_secs=600,
    ),
    _text_event("2025-04-15T12:30:00Z", "2025-04-16T08:00:00Z", "+12125550101", "See you in an hour."),
    _call("2025-04-15T12:45:00Z", "2025-04-16T15:00:00Z", "Hi {{first_name}}, did the renewal work?"),
)


def seed_demo(simulation: Simulation, base_url: str = "") -> None:
    """Live through the demonstration's past; a world without one of the providers has the others' part of it.

    The same commands every time, so with one seed the same ids. Webhooks go to the sink of the server at `base_url`.
    Refusal when a rule forbids a step.
    """
    for step in STEPS:
        if step.provider in simulation.origin.actors:
            simulation.apply({"kind": "run", "until": parse_instant(step.at)})
            simulation.apply(_command(step, base_url or _HOME))
    simulation.apply({"kind": "run", "until": parse_instant(NOW)})


def _command(step: Step, home: str) -> dict[str, Any]:
    sent = {"webhook_url": home + step.body["webhook_url"]} if "webhook_url" in step.body else {}
    request = {"operation": step.operation, "path": step.path, "body": step.body | sent, "caller": "demo"}
    call = {"provider": step.provider, "operation": step.operation, "request": request}
    return {"kind": "call", "at": parse_instant(step.at), **call}
