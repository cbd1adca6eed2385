"""What a schema cannot say of a new event: the guide's rules, each of which can be turned off."""

from typing import Any, NoReturn

from contratempo.provider import Problem, Refusal
from contratempo.providers.telnyx_assistants.rulebook import ASSISTANTS, NAME, RULES, rule
from contratempo.sim.instants import HOUR, Instant, format_instant
from contratempo.sim.simulation import Simulation

_YEAR_ONE: Instant = -62_135_596_800_000_000


def check_assistant(simulation: Simulation, assistant: str) -> None:
    """Refuse with 404 an assistant that is not listed, where the list counts."""
    if rule(simulation, "unknown_assistant") == "reject" and assistant not in ASSISTANTS:
        detail, hint = f"Assistant {assistant[:100]} not found", _off("unknown_assistant", "accept")
        raise Refusal(Problem("not-found", detail, rule=f"{NAME}.unknown_assistant", hint=hint))


def check_event(simulation: Simulation, assistant: str, event: dict[str, Any], due: Instant) -> None:
    """Refuse an event that the document allows and the service does not; the first rule that it breaks is told."""
    _check_targets(simulation, event)
    if event["telnyx_conversation_channel"] == "phone_call":
        _check_telephony(simulation, assistant)
    if due <= simulation.now and rule(simulation, "past_datetime") == "reject":
        _refuse_past(simulation, event["scheduled_at_fixed_datetime"], due)
    _check_retries(simulation, event)


def _check_targets(simulation: Simulation, event: dict[str, Any]) -> None:
    for field in ("telnyx_end_user_target", "telnyx_agent_target"):
        if not event[field] and rule(simulation, "empty_target") == "reject":
            _refuse("empty_target", "accept", f"{field} must not be empty")


def _check_telephony(simulation: Simulation, assistant: str) -> None:
    state = rule(simulation, "telephony")
    if state == "by_fixture":
        state = ASSISTANTS.get(assistant, {}).get("telephony", "ready")
    if state != "ready":
        # No hint: these texts are the vendor's to the letter.
        said = RULES.tables["telephony"][state]
        raise Refusal(
            Problem("rule", said["detail"], status=said["status"], code=said.get("code"), rule=f"{NAME}.telephony")
        )


def _refuse_past(simulation: Simulation, sent: str, due: Instant) -> NoReturn:
    now = format_instant(simulation.now)
    detail = f"scheduled_at_fixed_datetime must be in the future: {sent[:40]} was sent, the mock's time is {now}"
    earlier = format_instant(max(due - HOUR, _YEAR_ONE))
    start = f"start with `contratempo serve --clock {earlier}`, or "
    _refuse("past_datetime", "run_now", detail, start)


def _check_retries(simulation: Simulation, event: dict[str, Any]) -> None:
    retries = event.get("max_retries_client_errors", 0) > 0
    interval = event.get("retry_interval_secs") is not None  # null, where the document takes it, is none
    if event["telnyx_conversation_channel"] == "sms_chat":
        if (retries or interval) and rule(simulation, "retry_fields_on_sms") == "reject":
            detail = "max_retries_client_errors and retry_interval_secs are for phone_call events only"
            _refuse("retry_fields_on_sms", "ignore", detail)
    elif retries and not interval and rule(simulation, "interval_required") == "reject":
        _refuse("interval_required", "default", "max_retries_client_errors above 0 needs retry_interval_secs")
    elif interval and not retries and rule(simulation, "interval_without_retries") == "reject":
        _refuse("interval_without_retries", "ignore", "retry_interval_secs needs max_retries_client_errors above 0")


def _refuse(name: str, off: str, detail: str, first: str = "") -> NoReturn:
    raise Refusal(Problem("rule", detail, status=400, rule=f"{NAME}.{name}", hint=first + _off(name, off)))


def _off(name: str, value: str) -> str:
    return f"set rule {NAME}.{name} to {value}"
