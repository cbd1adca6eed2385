"""What a message must be to be accepted: each check reads its rule and refuses with the vendor's code."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from contratempo.provider import Refusal
from contratempo.sim.simulation import Simulation

from .content import is_gsm7
from .draft import E164, SHORT_CODE, Draft
from .refusals import deny
from .senders import profile_faults, sender_faults
from .tables import MESSAGE, rule

_URL: Final = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)

Faults = Callable[[Simulation, Draft], Iterator[Refusal]]


def admit(simulation: Simulation, draft: Draft) -> None:
    """Refuse a message for the first rule that it breaks."""
    for name, faults in _CHECKS:
        if rule(simulation, name) != "off":
            for refusal in faults(simulation, draft):
                raise refusal


def make_room(simulation: Simulation) -> None:
    """Refuse another scheduled message when there are as many as there may be."""
    most = rule(simulation, "max_scheduled")
    if simulation.records.page(MESSAGE, ("scheduled",), limit=0).total >= most:
        detail = f"{most} messages are scheduled, which is the most there may be."
        raise deny("40318", detail, rule="max_scheduled", hint="Cancel some, or advance the clock.")


def _receiver(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    if not draft.to:
        yield deny("40310", "'to' is empty.", pointer="/to", rule="to_format")
    if rule(simulation, "to_format") == "e164" and not (E164.fullmatch(draft.to) or SHORT_CODE.fullmatch(draft.to)):
        detail = "'to' is neither a number in +E.164 format nor a short code."
        yield deny("40310", detail, pointer="/to", rule="to_format")


def _content(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    name = "message_content"
    if draft.sender is None and "messaging_profile_id" not in draft.body:
        detail = "'from' is required, or 'messaging_profile_id' to send from its pool of numbers."
        yield deny("10004", detail, pointer="/from", rule=name)
    if not draft.text and not draft.media:
        yield deny("40316", "The message has neither 'text' nor 'media_urls'.", pointer="/text", rule=name)
    if draft.type == "SMS" and draft.media:
        yield deny("40304", "An SMS has no media: leave out 'media_urls', or 'type'.", pointer="/media_urls", rule=name)
    if draft.type == "MMS" and not draft.media:
        yield deny("40317", "An MMS needs 'media_urls'.", pointer="/media_urls", rule=name)


def _size(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    parts, media = rule(simulation, "max_parts"), rule(simulation, "max_media")
    if draft.type == "SMS" and draft.content.parts > parts:
        detail = f"The text takes {draft.content.parts} parts; {parts} is the most."
        yield deny("40302", detail, pointer="/text", rule="message_size")
    if len(draft.media) > media:
        detail = f"There are {len(draft.media)} media; {media} is the most."
        yield deny("40317", detail, pointer="/media_urls", rule="message_size")


def _unusual_length(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    parts = rule(simulation, "recommended_parts")
    if draft.body.get("auto_detect") and draft.type == "SMS" and draft.content.parts > parts:
        detail = f"The text takes {draft.content.parts} parts; 'auto_detect' refuses more than {parts}."
        yield deny("40328", detail, pointer="/text", rule="auto_detect")


def _gsm7(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    if draft.wanted == "gsm7" and not is_gsm7(draft.text or ""):
        detail = "The text has characters that GSM-7 cannot express."
        yield deny("10015", detail, pointer="/text", rule="gsm7_encoding", hint="Use encoding auto or ucs2.")


def _urls(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    longest = rule(simulation, "webhook_url_max_length")
    for name in ("webhook_url", "webhook_failover_url"):
        url = draft.body.get(name)
        if url is not None and not (len(url) <= longest and _URL.fullmatch(url)):
            detail = f"'{name}' is not an http or https address of at most {longest} characters."
            yield deny("10003", detail, pointer=f"/{name}", rule="webhook_urls")


_CHECKS: Final[tuple[tuple[str, Faults], ...]] = (
    ("to_format", _receiver),
    ("message_content", _content),
    ("sender_format", sender_faults),
    ("messaging_profile", profile_faults),
    ("message_size", _size),
    ("auto_detect", _unusual_length),
    ("gsm7_encoding", _gsm7),
    ("webhook_urls", _urls),
)
