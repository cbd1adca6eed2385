"""Idempotency-Key: a repeated request gets the first answer again for a day."""

import json
import re
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from .service import Call, Kept, Refused, Service


class Idempotent(Service):
    """What the SDKs say of the header; the scope of a key is token and path."""

    key_lifetime = timedelta(hours=24)

    def once(self, call: Call, body: Any, make: Callable[[], tuple[str, Response]]) -> Response:
        """Make what is asked for unless its key has made it already."""
        key = self.key_of(call)
        if key is None:
            return make()[1]
        slot = self.slot(call, key)
        kept = call.world.answers.get(slot)
        if kept is not None and self.holds(call, kept):
            return self.repeat(call, body, kept)
        record, response = make()
        call.world.answers[slot] = Kept(self.fingerprint(body), response, record, call.now)
        return copy(response)

    def key_of(self, call: Call) -> str | None:
        keys = call.request.headers.getlist("idempotency-key")
        if not keys:
            return None
        if len(keys) > 1 or not self.is_key(keys[0]):
            raise Refused(self.wrong_key())
        return keys[0]

    def is_key(self, text: str) -> bool:
        return re.fullmatch(r"[A-Za-z0-9_-]{1,255}", text) is not None

    def slot(self, call: Call, key: str) -> Any:
        return call.request.scope["path"], key

    def fingerprint(self, body: Any) -> str:
        return json.dumps(body, sort_keys=True)

    def holds(self, call: Call, kept: Kept) -> bool:
        return kept.record in call.world.records and self.is_fresh(kept.at, call.now)

    def is_fresh(self, at: datetime, now: datetime) -> bool:
        return now - at <= self.key_lifetime

    def repeat(self, call: Call, body: Any, kept: Kept) -> Response:
        if kept.request != self.fingerprint(body):
            raise Refused(self.key_taken())
        return copy(kept.response)

    def wrong_key(self) -> Response:
        raise NotImplementedError

    def key_taken(self) -> Response:
        raise NotImplementedError
