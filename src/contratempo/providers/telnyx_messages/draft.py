"""A message as it was asked for, with what follows from the request alone."""

import re
from typing import Final, Literal, NamedTuple

from contratempo.provider import Json, Request

from .content import Content, Wanted, measure
from .profiles import Profile, profile_of

SenderKind = Literal["number", "short-code", "alphanumeric", "pool", "unknown"]

E164: Final = re.compile(r"\+[1-9][0-9]{1,14}")
SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")


class Draft(NamedTuple):
    """What is judged before a message exists. `sender` None asks for a number of the profile's pool.

    `sender_kind` is what the sender looks like; unknown is none of the forms.
    """

    operation: str
    body: Json
    to: str
    sender: str | None
    sender_kind: SenderKind
    text: str | None
    media: list[str]
    profile: Profile
    type: Literal["SMS", "MMS"]
    wanted: Wanted | None
    content: Content


def draft_of(request: Request, smart: bool) -> Draft:
    """Return the draft of a valid request; `smart` says whether text is replaced when nobody else says."""
    body = request.body
    sender, text, media = body.get("from"), body.get("text"), body.get("media_urls") or []
    profile = profile_of(body.get("messaging_profile_id"))
    wanted: Wanted | None = body.get("encoding") if request.operation == "SendMessage" else None
    return Draft(
        operation=request.operation,
        body=body,
        to=body["to"],
        sender=sender,
        sender_kind=_kind_of(sender),
        text=text,
        media=media,
        profile=profile,
        type=body.get("type") or ("MMS" if media else "SMS"),
        wanted=wanted,
        content=measure(text or "", wanted, smart or profile.smart_encoding),
    )


def _kind_of(sender: str | None) -> SenderKind:
    if sender is None:
        return "pool"
    if E164.fullmatch(sender):
        return "number"
    if SHORT_CODE.fullmatch(sender):
        return "short-code"
    return "alphanumeric" if any(letter.isalpha() for letter in sender) else "unknown"
