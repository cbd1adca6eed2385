"""The provider's data file, read once: its rules, lifecycles and tables."""

from typing import Any, Final

from contratempo.provider import RuleFile, read_rules
from contratempo.sim.simulation import Simulation

NAME: Final = "telnyx_messages"
MESSAGE: Final = "message"
"""The one kind of record."""

FILE: Final[RuleFile] = read_rules(NAME)
TABLES: Final = FILE.tables


def rule(simulation: Simulation, name: str) -> Any:
    """Return the value in force of one of this provider's rules."""
    return simulation.rules[f"{NAME}.{name}"]
