"""What a message must be beyond its schema: an instant, a sender and a content that fit."""

import re
from datetime import datetime, timedelta
from typing import Any

from .gateway import Gateway
from .instants import read_instant
from .message_text import TextCount

Body = dict[str, Any]
Broken = tuple[int, str, str, str] | None  # status, code, pointer, words
EARLIEST, LATEST = timedelta(minutes=5), timedelta(days=5)


class MessageRules(TextCount, Gateway):
    """The rules of the document's descriptions and of the vendor's guides, in the order they are looked at."""

    def broken_rule(self, body: Body, now: datetime, *, scheduling: bool) -> Broken:
        return self.wrong_time(body, now, scheduling) or self.wrong_sender(body) or self.wrong_content(body)

    def wrong_time(self, body: Body, now: datetime, scheduling: bool) -> Broken:
        if body.get("send_at") is None:
            return self.no_time() if scheduling else None
        ahead = read_instant(body["send_at"]) - now
        if not self.is_late_enough(ahead) or not self.is_early_enough(ahead):
            return 400, "10015", "/send_at", "send_at must be five minutes to five days ahead"
        return None

    def no_time(self) -> Broken:
        return 400, "10004", "/send_at", "send_at is required to schedule"

    def is_late_enough(self, ahead: timedelta) -> bool:
        return ahead >= EARLIEST

    def is_early_enough(self, ahead: timedelta) -> bool:
        return ahead <= LATEST

    def wrong_sender(self, body: Body) -> Broken:
        if not body["to"]:
            return 422, "10002", "/to", "to is empty"
        sender = body.get("from")
        if sender is None:
            return self.no_sender() if body.get("messaging_profile_id") is None else None
        if re.fullmatch(r"\+[0-9]{1,15}|[0-9]{3,8}", sender):
            return None
        return self.wrong_alphanumeric(body, sender)

    def no_sender(self) -> Broken:
        return 400, "10004", "/from", "from or messaging_profile_id is required"

    def wrong_alphanumeric(self, body: Body, sender: str) -> Broken:
        if not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", sender):
            return 422, "40325", "/from", "from is no number, no short code and no alphanumeric sender ID"
        if body.get("messaging_profile_id") is None:
            return self.no_profile()
        if body["to"].startswith("+1"):
            return 400, "40301", "/from", "an alphanumeric sender ID cannot send to North America"
        return (403, "40305", "/from", "an alphanumeric sender ID sends SMS only") if self.kind(body) == "MMS" else None

    def no_profile(self) -> Broken:
        return 400, "10004", "/messaging_profile_id", "an alphanumeric sender ID needs messaging_profile_id"

    def wrong_content(self, body: Body) -> Broken:
        if self.kind(body) == "MMS":
            return self.wrong_media(body.get("media_urls") or [])
        if not body.get("text"):
            return self.no_text(body)
        return self.too_long(body)

    def kind(self, body: Body) -> str:
        return body.get("type") or ("MMS" if body.get("media_urls") else "SMS")

    def wrong_media(self, media: list[str]) -> Broken:
        if not media:
            return self.no_media()
        return None if len(media) <= 10 else (422, "40317", "/media_urls", "at most 10 media can be sent")

    def no_media(self) -> Broken:
        return 422, "40317", "/media_urls", "an MMS needs media_urls"

    def no_text(self, body: Body) -> Broken:
        return 422, "40316", "/text", "an SMS needs a text that is not empty"

    def too_long(self, body: Body) -> Broken:
        if body.get("encoding") == "gsm7" and not self.is_gsm(body["text"]):
            return self.not_gsm()
        if self.parts(body["text"], self.is_wide(body)) > 10:
            return self.too_many_parts()
        return None

    def not_gsm(self) -> Broken:
        return 400, "10015", "/text", "GSM-7 cannot express the text"

    def too_many_parts(self) -> Broken:
        return 422, "40302", "/text", "the text has more than 10 parts"

    def is_wide(self, body: Body) -> bool:
        return body.get("encoding") == "ucs2" or not self.is_gsm(body.get("text", ""))
