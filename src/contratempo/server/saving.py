"""Saving: a world as one document, with what it was saved under, and back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from contratempo import __version__
from contratempo.server.fingerprint import Digests, Fingerprint, Fingerprints, told
from contratempo.server.savedform import FORM
from contratempo.server.soundness import Unsound, check_sound, spoken
from contratempo.sim.faults import FaultError
from contratempo.sim.outcomes import OutcomeError
from contratempo.sim.saved import SavedError, load
from contratempo.sim.simulation import SCHEMA, Origin, Simulation

KIND: Final = "world"
_JSON: Final = msgspec.json.Decoder()
_ELSEWHERE: Final = "name a file that GET /_mock/state or `contratempo state save` made"


class Unreadable(ValueError):
    """What is no saved world that could be taken over: what it is instead, and what to do."""

    def __init__(self, what: str, hint: str = _ELSEWHERE) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


class Differs(ValueError):
    """A saved world whose documents or rules are others here."""

    def __init__(self, differences: list[str], version: str, profile: str) -> None:
        self.what = (
            f"The world was saved by version {version} under profile {profile}; different here: {told(differences)}."
        )
        super().__init__(self.what)


@dataclass(frozen=True)
class Savings:
    """Saves and loads the worlds of a server; `origin(id, seed, profile)` is what one starts from."""

    fingerprints: Fingerprints
    origin: Callable[[str, str, str], Origin]

    def document(self, world: dict[str, Any], *, captures: bool = False) -> dict[str, Any]:
        """Return a world, as its simulation dumps it, as the document that keeps it; `captures` is told there."""
        head = {"kind": KIND, "schema": SCHEMA, "version": __version__} | ({"captures": True} if captures else {})
        return {"contratempo": head, "fingerprint": self.fingerprints.of(world["profile"]).describe(), "world": world}

    def load(self, document: Any, identifier: str, real: float, *, anyway: bool = False) -> Simulation:
        """Return the world of a document under an id, its clock anchored at the real time `real`.

        Unreadable when it is none; Differs when it was saved under others than here, unless `anyway`.
        """
        check_form(document)
        saved = document["world"]
        known = self.fingerprints.catalog.profiles
        if saved["profile"] not in known:
            what = f"it is of profile {saved['profile']!r}, which this version does not have"
            raise Unreadable(what, f"profiles are {', '.join(known)}")
        if not anyway:
            self._compare(document)
        origin = self.origin(identifier, saved["seed"], saved["profile"])
        try:
            simulation = load(saved, origin, real=real)
            check_sound(simulation, saved, self.fingerprints.catalog)
        except (SavedError, Unsound, FaultError, OutcomeError) as error:
            raise Unreadable(str(error)) from None
        except Exception as error:  # whatever the form lets through: a file is never a fault of ours
            raise Unreadable(f"a part of it cannot be taken over: {spoken(error)}"[:300]) from None
        return simulation

    def _compare(self, document: dict[str, Any]) -> None:
        kept, profile = document["fingerprint"], document["world"]["profile"]
        saved = Fingerprint(_digests(kept["documents"]), _digests(kept["rules"]))
        if differences := saved.differences(self.fingerprints.of(profile)):
            raise Differs(differences, str(document["contratempo"].get("version", "?"))[:50], profile)


def read(raw: bytes) -> Any:
    """Return the document that bytes are; Unreadable when they are no JSON, with the line and the byte."""
    if not raw.strip():
        raise Unreadable("it is empty")
    try:
        return _JSON.decode(raw)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if "truncated" in str(error):
            line, what = raw.count(b"\n") + 1, "it ends in the middle, so it is torn"
            raise Unreadable(f"line {line}, byte {len(raw)}: {what}") from None
        raise Unreadable(f"{_place(raw, str(error))}it is not JSON: {error}") from None


def check_form(document: Any) -> None:
    """Raise Unreadable, by the place, for what does not have the form of a saved world."""
    head = document.get("contratempo") if isinstance(document, dict) else None
    if not isinstance(head, dict) or "kind" not in head:
        raise Unreadable("it is no saved world: it has no member contratempo that says so")
    if head["kind"] != KIND:
        raise Unreadable(f"it is of kind {head['kind']!r}"[:100] + ", not a world")
    if isinstance(head.get("schema"), bool) or head.get("schema") != SCHEMA:
        schema = f"{head.get('schema')!r}"[:50]
        hint = f"load it with the version that saved it, {str(head.get('version', 'which it does not tell'))[:50]}"
        raise Unreadable(f"its form is of schema {schema}, and this version reads {SCHEMA}", hint)
    try:
        msgspec.convert(document, FORM)
    except msgspec.ValidationError as error:
        raise Unreadable(f"it is no saved world: {str(error).replace('`', '')}"[:300]) from None


def captures_webhooks(document: dict[str, Any]) -> bool:
    """Say whether a document that was loaded was saved from a world that captures its webhooks."""
    return bool(document["contratempo"].get("captures", False))


def _digests(saved: dict[str, str]) -> Digests:
    return dict(saved)


def _place(raw: bytes, said: str) -> str:
    """Return the line of the byte that a decoder names, and that byte."""
    _, named, offset = said.rpartition("(byte ")
    number = offset.rstrip(")")
    if not (named and number.isdigit()):
        return ""
    line = raw.count(b"\n", 0, int(number)) + 1
    return f"line {line}, byte {number}: "
