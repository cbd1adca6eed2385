"""What a rule is, and the list of them: an id, a sentence, where it comes from, and a function from what was seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from contratempo.conformance.exchange import Exchange, Observation
from contratempo.conformance.ledger import Ledger

Source: TypeAlias = Literal["spec", "prose", "sdk", "http", "sense", "assumed"]
Level: TypeAlias = Literal["read", "reject", "full"]
Need: TypeAlias = Literal["", "clock", "webhooks"]
Findings: TypeAlias = Iterable[str] | None
"""What is wrong, a sentence each; nothing when all is well; None when the rule has nothing to say here."""

ASSISTANTS: Final = "telnyx_assistants"
MESSAGES: Final = "telnyx_messages"
TEMPHONE: Final = "temphone"
ALL: Final = (ASSISTANTS, MESSAGES, TEMPHONE)

SOURCES: Final[Mapping[Source, str]] = {
    "spec": "the vendor's document",
    "prose": "the vendor's prose",
    "sdk": "the vendor's SDK",
    "http": "HTTP itself",
    "sense": "common sense",
    "assumed": "a guess of ours",
}
BINDING: Final = ("spec", "prose", "sdk", "http")
"""The sources whose rules may fail a real deployment; the others warn there."""

LEVELS: Final[tuple[Level, ...]] = ("read", "reject", "full")


@dataclass(frozen=True)
class Rule:
    """One promise. `contract` is the least one it belongs to: what is vendored is effective, too.

    `level` is the least that has to be allowed for it to be seen, `need` what the target must have. `settles` says
    that a deployment may take a moment to get there, so that reads are repeated; `silence` that it is about requests
    without an answer, too.
    """

    id: str
    says: str
    source: Source
    providers: tuple[str, ...]
    contract: Literal["vendored", "effective"]
    level: Level
    need: Need
    settles: bool
    of: type[Any]
    judge: Callable[[Any, Ledger], Findings]
    silence: bool = False

    def check(self, seen: Observation, ledger: Ledger) -> list[str] | None:
        """Return what is wrong, None when the rule has nothing to say of this."""
        if not isinstance(seen, self.of):
            return None
        if isinstance(seen, Exchange) and ((seen.status == 0 and not self.silence) or seen.under_condition):
            return None
        found = self.judge(seen, ledger)
        return None if found is None else list(found)


RULES: Final[dict[str, Rule]] = {}

Judge: TypeAlias = Callable[[Any, Ledger], Findings]


def rule(
    id: str,
    says: str,
    *,
    source: Source,
    providers: tuple[str, ...] = ALL,
    contract: Literal["vendored", "effective"] = "vendored",
    level: Level = "full",
    need: Need = "",
    settles: bool = False,
    of: type[Any] = Exchange,
    silence: bool = False,
) -> Callable[[Judge], Judge]:
    """Put the function that follows on the list; ids are unique."""

    def enlist(judge: Judge) -> Judge:
        if id in RULES:
            raise ValueError(f"there are two rules {id}")
        RULES[id] = Rule(id, says, source, providers, contract, level, need, settles, of, judge, silence)
        return judge

    return enlist
