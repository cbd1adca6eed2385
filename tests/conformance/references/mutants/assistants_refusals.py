"""Assistants: requests that are wrong and are taken."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from ..assistants import REQUIRED, Assistants, Body
from ..checks import Check, anything, integer, mapping, text
from .catalogue import breaks


class _Checks(Assistants):
    """Has other checks of some fields."""

    other: ClassVar[dict[str, Check]]

    def checks(self) -> dict[str, Check]:
        return super().checks() | self.other


@breaks("spec")
class UnknownChannelAccepted(_Checks):
    """telnyx_conversation_channel is one of two words."""

    other: ClassVar = {"telnyx_conversation_channel": text()}


@breaks("spec")
class MissingAgentAccepted(Assistants):
    """telnyx_agent_target is required."""

    required = REQUIRED[:2] + REQUIRED[3:]

    def echo(self, body: Body) -> Body:
        return super().echo({"telnyx_agent_target": "+10000000000"} | body)

    def meet(self, world: Any, event: Any) -> Any:
        event["body"].setdefault("telnyx_agent_target", "+10000000000")
        return super().meet(world, event)


@breaks("spec")
class TargetNumberAccepted(_Checks):
    """A target is a string, not a number."""

    other: ClassVar = {"telnyx_end_user_target": anything}


@breaks("spec")
class ElevenRetriesAccepted(_Checks):
    """At most 10 retries can be asked for."""

    other: ClassVar = {"max_retries_client_errors": integer(0)}


@breaks("spec")
class NegativeRetriesAccepted(_Checks):
    """Retries are not negative."""

    other: ClassVar = {"max_retries_client_errors": integer(None, 10)}

    def retries(self, body: Body) -> int:
        return max(0, super().retries(body))


@breaks("spec")
class RetriesAsTextAccepted(Assistants):
    """max_retries_client_errors is an integer, not its digits."""

    def valid(self, call: Any) -> Body:
        body = self.body(call)
        digits = body.get("max_retries_client_errors") if isinstance(body, dict) else None
        if isinstance(digits, str) and digits.isdecimal():
            self.body = lambda _call: body | {"max_retries_client_errors": int(digits)}  # type: ignore[method-assign]
        try:
            return super().valid(call)
        finally:
            self.__dict__.pop("body", None)


@breaks("spec")
class RetriesFractionAccepted(_Checks):
    """Half a retry cannot be asked for."""

    other: ClassVar = {
        "max_retries_client_errors": lambda value: None if isinstance(value, float) else integer(0, 10)(value)
    }

    def retries(self, body: Body) -> int:
        return int(body.get("max_retries_client_errors", 0))


@breaks("spec")
class ShortIntervalAccepted(_Checks):
    """retry_interval_secs is at least 60."""

    other: ClassVar = {"retry_interval_secs": integer(0, 86400)}


@breaks("spec")
class LongIntervalAccepted(_Checks):
    """retry_interval_secs is at most 86400."""

    other: ClassVar = {"retry_interval_secs": integer(60)}


@breaks("spec")
class NestedMetadataAccepted(_Checks):
    """conversation_metadata is flat."""

    other: ClassVar = {"conversation_metadata": mapping()}


@breaks("spec")
class NullMetadataAccepted(_Checks):
    """conversation_metadata is an object, not null."""

    other: ClassVar = {"conversation_metadata": lambda value: None if value is None else mapping()(value)}

    def echo(self, body: Body) -> Body:
        return {name: value for name, value in super().echo(body).items() if value is not None}


@breaks("spec")
class NumberVariableAccepted(_Checks):
    """dynamic_variables are strings."""

    other: ClassVar = {"dynamic_variables": mapping()}


@breaks("sdk")
class UnknownRegionAccepted(_Checks):
    """sip_region is one of five words."""

    other: ClassVar = {"call_settings": mapping()}


@breaks("spec")
class DateOnlyAccepted(Assistants):
    """scheduled_at_fixed_datetime is a date-time, not a date."""

    def checks(self) -> dict[str, Check]:
        check = super().checks()["scheduled_at_fixed_datetime"]
        return super().checks() | {"scheduled_at_fixed_datetime": lambda v: check(self.whole(v))}

    def whole(self, sent: Any) -> Any:
        return sent + "T00:00:00Z" if isinstance(sent, str) and len(sent) == 10 else sent

    def instant(self, body: Body) -> datetime:
        return super().instant({"scheduled_at_fixed_datetime": self.whole(body["scheduled_at_fixed_datetime"])})

    def time_text(self, sent: str) -> str:
        return super().time_text(self.whole(sent))


@breaks("spec")
class ImpossibleDateAccepted(DateOnlyAccepted):
    """There is no 30th of February."""

    def whole(self, sent: Any) -> Any:
        return sent.replace("-02-30T", "-03-02T") if isinstance(sent, str) else sent


@breaks("spec")
class EpochAccepted(DateOnlyAccepted):
    """scheduled_at_fixed_datetime is text, not a number of seconds."""

    def whole(self, sent: Any) -> Any:
        if isinstance(sent, bool) or not isinstance(sent, int | float) or not 0 <= sent < 2**32:
            return sent
        return datetime.fromtimestamp(sent, UTC).isoformat(timespec="seconds")


@breaks("prose")
class SmsWithoutTextAccepted(Assistants):
    """The text of an SMS event is required, says its description."""

    def lacks_text(self, body: Body) -> bool:
        body.setdefault("text", "")
        return False


@breaks("prose")
class PastAccepted(Assistants):
    """An event's time must be in the future, says the guide."""

    def is_past(self, due: datetime, now: datetime) -> bool:
        return False


@breaks("prose")
class TomorrowRefused(Assistants):
    """Any time in the future will do."""

    def is_past(self, due: datetime, now: datetime) -> bool:
        return (due - now).total_seconds() < 2 * 86400


@breaks("prose")
class SmsRetriesAccepted(Assistants):
    """Retries are for phone calls only, says the guide."""

    def retries_on_sms(self, retries: int, interval: int | None) -> str | None:
        return None


@breaks("prose")
class SmsZeroRetriesRefused(Assistants):
    """No retries may be asked for on an SMS event, says the guide."""

    def broken_rule(self, body: Body, due: datetime, now: datetime) -> str | None:
        zero = body["telnyx_conversation_channel"] == "sms_chat" and "max_retries_client_errors" in body
        return "Retries are for phone calls only" if zero else super().broken_rule(body, due, now)


@breaks("prose")
class RetriesWithoutIntervalAccepted(Assistants):
    """Retries need an interval, says the guide."""

    def retries_without_interval(self, retries: int) -> str | None:
        return None


@breaks("prose")
class IntervalWithoutRetriesAccepted(Assistants):
    """An interval needs retries, says the guide."""

    def interval_without_retries(self, retries: int) -> str | None:
        return None


@breaks("spec")
class UnknownFieldRefused(Assistants):
    """Fields that the document does not list are let through."""

    def broken_rule(self, body: Body, due: datetime, now: datetime) -> str | None:
        return super().broken_rule(body, due, now) if body.keys() <= self.checks().keys() else "unknown field"


@breaks("prose")
class SipAddressRefused(Assistants):
    """A target may be a SIP URI."""

    def broken_rule(self, body: Body, due: datetime, now: datetime) -> str | None:
        sip = body["telnyx_end_user_target"].startswith("sip:")
        return "Not a phone number" if sip else super().broken_rule(body, due, now)
