"""The few calls of a control plane that the suite makes: a world of its own, its clock, outcomes, public key."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from contratempo.conformance.exchange import ABSENT, BROKEN, read_json
from contratempo.conformance.instants import instant_of, written
from contratempo.conformance.wire import Unreachable, Wire

Json: TypeAlias = Any

START: Final = "2026-03-15T09:00:00Z"
"""Where the suite's worlds stand still at first."""
_GONE: Final = 404


class PlaneError(Exception):
    """A control call that was refused, or answered with something else than it should be; `status` is the answer's."""

    def __init__(self, what: str, status: int = 0) -> None:
        super().__init__(what)
        self.status = status


class Plane:
    """A control plane at `prefix`, once a world is made for that world."""

    def __init__(self, wire: Wire, prefix: str = "/_mock", token: str | None = None) -> None:
        self._wire, self._prefix, self._token = wire, prefix, token
        self.world = ""
        self.api_key = ""
        self.other = ""
        self.other_key = ""

    def alive(self) -> bool:
        """Say whether there is a control plane."""
        try:
            answer = self._wire.send("GET", f"{self._prefix}/livez", {}, b"")
        except Unreachable:
            return False
        told = read_json(answer.content)
        return answer.status == 200 and isinstance(told, dict) and told.get("status") == "alive"

    def enter(self, name: str, seed: int, profile: str | None = None) -> datetime:
        """Make a world that stands still, called `name`, and another customer's; return its instant.

        They have the profile that the target starts its worlds with unless another is given. What they are called is
        known before they are made: `leave` deletes one whose making was interrupted, too.
        """
        wish = {"clock": START} | ({} if profile is None else {"profile": profile})
        self.world = name
        made = self._make({**wish, "id": self.world, "seed": f"conform-{seed}"}, "now")
        self.world, self.api_key = str(made["id"]), str(made["api_key"])
        self.other = f"{name}-other"
        other = self._make({**wish, "id": self.other, "seed": f"conform-{seed}-other"})
        self.other, self.other_key = str(other["id"]), str(other["api_key"])
        return _instant(made["now"])

    def _make(self, wish: Mapping[str, str], *has: str) -> Json:
        return self._call("POST", "/worlds", wish, here=False, has=("id", "api_key", *has))

    def profile(self) -> str | None:
        """Return the profile of the world, None where the control plane has no profiles."""
        try:
            told = self._call("GET", "/contracts", None)
        except PlaneError:
            return None
        return str(told["profile"]) if isinstance(told, dict) and "profile" in told else None

    def leave(self) -> list[str]:
        """Delete the world, and the other customer's; return what could not be deleted, and why."""
        left = []
        for world in filter(None, (self.world, self.other)):
            try:
                self._call("DELETE", f"/worlds/{world}", None, here=False)
            except (PlaneError, Unreachable) as error:
                if not isinstance(error, PlaneError) or error.status != _GONE:
                    left.append(f"the world {world} may be left behind: {error}")
        self.world = self.other = ""
        return left

    def now(self) -> datetime:
        """Return the world's instant."""
        return _instant(self._call("GET", "/clock", None, has=("now",))["now"])

    def advance_to(self, moment: datetime) -> datetime:
        """Let time pass; what is due happens, webhooks are sent. Return the instant reached."""
        reached = self._call("POST", "/clock/advance", {"to": written(moment), "wait": "webhooks"}, has=("now",))
        return _instant(reached["now"])

    def script(self, match: Mapping[str, str], outcomes: Sequence[str], talk: int | None = None) -> None:
        """Say what the far end will do, one outcome an attempt, the last one repeating; `talk` is in seconds."""
        told: list[Json] = list(outcomes) if talk is None else [{"status": each, "talk": talk} for each in outcomes]
        self._call("POST", "/outcomes", {"match": dict(match), "outcomes": told, "then": "repeat"})

    def public_key(self) -> str:
        """Return the base64 of the key that signatures of webhooks are verified with."""
        return str(self._call("GET", "/webhooks/public-key", None, has=("public_key",))["public_key"])

    def _call(self, method: str, path: str, body: Json, *, here: bool = True, has: Sequence[str] = ()) -> Json:
        headers = {"x-mock-world": self.world} if self.world and here else {}
        if self._token:
            headers["x-mock-token"] = self._token
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            headers["content-type"] = "application/json"
        answer = self._wire.send(method, self._prefix + path, headers, content)
        if not 200 <= answer.status < 300:
            said = answer.content[:300].decode("utf-8", "replace")
            what = f"the control plane answered {answer.status} to {method} {self._prefix}{path}: {said}"
            raise PlaneError(what, answer.status)
        told = read_json(answer.content)
        if told is BROKEN:
            raise PlaneError(f"what answered {method} {self._prefix}{path} is no control plane: it sent no JSON")
        if missing := [name for name in has if not isinstance(told, dict) or name not in told]:
            raise PlaneError(
                f"what answered {method} {self._prefix}{path} is no control plane: it told no {missing[0]}"
            )
        return None if told is ABSENT else told


def _instant(text: Json) -> datetime:
    moment = instant_of(text)
    if moment is None:
        raise PlaneError(f"the control plane's instant {text!r} is none")
    return moment
