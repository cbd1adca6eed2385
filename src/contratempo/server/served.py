"""What is served: an operation as a profile has it, found once for all of its requests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from contratempo.contract.contract import Contract, Made
from contratempo.provider import Operation, Provider

_READS: Final = ("get", "head")


@dataclass(frozen=True)
class Served:
    """An operation of a provider, or with `operation` None whatever else is asked of it, under one profile.

    `act` is the function that does it, None where it has none; one that only `reads` is no command. `naive_rule` names
    the rule that says whether date-times without an offset are taken.
    """

    provider: Provider
    contract: Contract
    operation: str | None
    act: Operation | None
    reads: bool
    naive_rule: str


class Servings(Made[tuple[str, str, str | None], Served]):
    """What is served, by profile, provider and operation; each is found when it is first asked for."""

    def __init__(self, providers: Mapping[str, Provider], contract: Callable[[str, str], Contract]) -> None:
        """Take the providers by name, and what tells the contract of a provider under a profile."""
        super().__init__(lambda key: _served(providers[key[1]], contract(key[1], key[0]), key[2]))


def _served(provider: Provider, contract: Contract, operation: str | None) -> Served:
    naive_rule = f"{provider.name}.naive_datetime"
    if operation is None:
        return Served(provider, contract, None, None, False, naive_rule)
    reads = contract.document.operations[operation].method in _READS
    return Served(provider, contract, operation, provider.operations.get(operation), reads, naive_rule)
