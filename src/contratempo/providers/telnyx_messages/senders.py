"""Who sends: what a sender must look like, and what its messaging profile allows."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

from contratempo.provider import Refusal
from contratempo.sim.simulation import Simulation

from .draft import Draft
from .refusals import deny
from .tables import TABLES

_ALPHANUMERIC: Final = re.compile(r"[A-Za-z0-9 ]{1,11}")

_malformed = partial(deny, rule="sender_format")
_forbidden = partial(deny, rule="messaging_profile")


def sender_faults(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    """Yield what is wrong with the sender itself."""
    if draft.sender_kind == "unknown":
        detail = "'from' is neither a +E.164 number nor a short code nor an alphanumeric sender ID."
        yield _malformed("40305", detail, pointer="/from")
    if draft.sender_kind == "alphanumeric":
        yield from _alphanumeric_faults(draft)


def _alphanumeric_faults(draft: Draft) -> Iterator[Refusal]:
    if not _ALPHANUMERIC.fullmatch(draft.sender or ""):
        detail = "An alphanumeric sender ID is 1 to 11 letters, digits and spaces, with a letter among them."
        yield _malformed("40325", detail, pointer="/from")
    if "messaging_profile_id" not in draft.body:
        detail = "An alphanumeric sender ID needs 'messaging_profile_id'."
        yield _malformed("10004", detail, pointer="/messaging_profile_id")
    if draft.type == "MMS":
        yield _malformed("40308", "An alphanumeric sender ID sends SMS only.", pointer="/from")
    if (region := region_of(draft.to)) in TABLES["alphanumeric_refused_regions"]:
        yield _malformed("40301", f"An alphanumeric sender ID cannot send to {region}.", pointer="/to")


def profile_faults(simulation: Simulation, draft: Draft) -> Iterator[Refusal]:
    """Yield what the messaging profile does not allow."""
    profile = draft.profile
    if not profile.enabled:
        detail = f"The messaging profile {profile.name!r} is disabled."
        yield _forbidden("40312", detail, pointer="/messaging_profile_id")
    if profile.spend_limit_reached:
        detail = f"The messaging profile {profile.name!r} has spent its limit."
        yield _forbidden("40333", detail, pointer="/messaging_profile_id")
    yield from _number_faults(draft)
    yield from _sender_id_faults(draft)
    yield from _destination_faults(draft)
    if any(word in (draft.text or "").lower() for word in profile.blocked_words):
        yield _forbidden("40322", "The text has a word that the messaging profile blocks.", pointer="/text")


def _number_faults(draft: Draft) -> Iterator[Refusal]:
    profile, number = draft.profile, draft.profile.number(draft.sender or "")
    if draft.sender_kind == "pool" and profile.pick(draft.to) is None:
        detail = f"The messaging profile {profile.name!r} has no number in its pool."
        yield _forbidden("40321", detail, pointer="/messaging_profile_id")
    if draft.sender_kind == "number" and profile.numbers is not None and number is None:
        detail = f"'from' is not a number of the messaging profile {profile.name!r}."
        yield _forbidden("40305", detail, pointer="/from")
    if number is not None and not number.mms and draft.type == "MMS":
        yield _forbidden("40308", "'from' can send SMS only.", pointer="/from")


def _sender_id_faults(draft: Draft) -> Iterator[Refusal]:
    configured = draft.profile.alpha_sender
    if draft.sender_kind != "alphanumeric" or configured in (None, draft.sender):
        return
    if configured:
        yield _forbidden("40307", f"The messaging profile's sender ID is {configured!r}.", pointer="/from")
    else:
        detail = f"The messaging profile {draft.profile.name!r} has no alphanumeric sender ID."
        yield _forbidden("40306", detail, pointer="/from")


def _destination_faults(draft: Draft) -> Iterator[Refusal]:
    profile = draft.profile
    if profile.destinations == frozenset():
        detail = f"The messaging profile {profile.name!r} allows no destinations."
        yield _forbidden("40331", detail, pointer="/messaging_profile_id")
    region = region_of(draft.to) if profile.destinations else None
    if profile.destinations and region and region not in profile.destinations:
        detail = f"The messaging profile {profile.name!r} does not send to {region}."
        yield _forbidden("40309", detail, pointer="/to")
    if draft.to in profile.opted_out:
        yield _forbidden("40300", "The receiver has sent STOP to this messaging profile.", pointer="/to")


def region_of(number: str) -> str | None:
    """Return the region of a +E.164 number, such as US; None when it has none."""
    import phonenumbers  # 90 ms that most programs never need

    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
