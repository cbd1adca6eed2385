"""Messaging profiles: what the fixtures say of them, and what each of them cannot send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from contratempo.contract.source import load
from contratempo.data import data_root
from contratempo.sim import ids

from .tables import NAME, TABLES


class Number(NamedTuple):
    """A number of a profile's pool."""

    number: str
    mms: bool = True


@dataclass(frozen=True)
class Profile:
    """A messaging profile; what is None is not checked. `alpha_sender` empty: none is configured."""

    id: str
    name: str = ""
    enabled: bool = True
    numbers: Sequence[Number] | None = None
    alpha_sender: str | None = None
    destinations: frozenset[str] | None = None
    opted_out: frozenset[str] = frozenset()
    blocked_words: Sequence[str] = ()
    spend_limit_reached: bool = False
    smart_encoding: bool = False
    webhook_url: str | None = None
    webhook_failover_url: str | None = None

    def number(self, sender: str) -> Number | None:
        """Return what is known of one of its numbers."""
        return next((number for number in self.numbers or () if number.number == sender), None)

    def pick(self, receiver: str) -> str | None:
        """Return the number of the pool that a receiver always hears from; None when the pool is empty."""
        if self.numbers is None:
            return str(TABLES["pool_number"])
        place = ids.digest(self.id, receiver, size=2)
        return self.numbers[int.from_bytes(place, "big") % len(self.numbers)].number if self.numbers else None


def _read(fixture: Mapping[str, Any]) -> Profile:
    given = dict(fixture)
    if "numbers" in given:
        given["numbers"] = tuple(Number(**number) for number in given["numbers"])
    if "alpha_sender" in given:
        given["alpha_sender"] = given["alpha_sender"] or ""
    if "destinations" in given:
        given["destinations"] = frozenset(given["destinations"])
    return Profile(**given | {"opted_out": frozenset(given.get("opted_out", ()))})


PROFILES: Final[Mapping[str, Profile]] = {
    fixture["id"]: _read(fixture) for fixture in load(data_root("fixtures") / NAME / "profiles.yaml")
}


_NONE: Final = Profile("")
"""That of a message that names none."""


def profile_of(identifier: str | None) -> Profile:
    """Return the profile of this id; one that no fixture lists can send anything."""
    return (PROFILES.get(identifier) or Profile(identifier)) if identifier else _NONE
