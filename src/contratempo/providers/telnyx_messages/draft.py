"""A message as it was asked for, with what follows from the request alone."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from contratempo.provider import Json, Request

from .content import Content, Wanted, measure
from .profiles import Profile, profile_of

SenderKind = Literal["number", "short-code", "alphanumeric", "pool", "unknown"]

E164: Final = re.compile(r"\+[1-9][0-9]{1,14}")
_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}")


@dataclass(frozen=True)
class Draft:
    """What is judged before a message exists. `sender` None asks for a number of the profile's pool."""

    operation: str
    body: Json
    to: str
    sender: str | None
    text: str | None
    media: list[str]
    profile: Profile
    type: Literal["SMS", "MMS"]
    wanted: Wanted | None
    content: Content

    @property
    def sender_kind(self) -> SenderKind:
        """What the sender looks like; unknown is none of the forms."""
        if self.sender is None:
            return "pool"
        if E164.fullmatch(self.sender):
            return "number"
        if _SHORT_CODE.fullmatch(self.sender):
            return "short-code"
        return "alphanumeric" if any(letter.isalpha() for letter in self.sender) else "unknown"


def draft_of(request: Request, smart: bool) -> Draft:
    """Return the draft of a valid request; `smart` says whether text is replaced when nobody else says."""
    body = request.body
    text, media = body.get("text"), body.get("media_urls") or []
    profile = profile_of(body.get("messaging_profile_id"))
    wanted: Wanted | None = body.get("encoding") if request.operation == "SendMessage" else None
    return Draft(
        operation=request.operation,
        body=body,
        to=body["to"],
        sender=body.get("from"),
        text=text,
        media=media,
        profile=profile,
        type=body.get("type") or ("MMS" if media else "SMS"),
        wanted=wanted,
        content=measure(text or "", wanted, smart or profile.smart_encoding),
    )
