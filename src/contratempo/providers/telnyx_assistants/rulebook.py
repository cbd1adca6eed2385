"""The data file of this provider, and the assistants that the fixtures list."""

from typing import Any, Final

from contratempo.contract.source import load
from contratempo.data import data_root
from contratempo.provider import read_rules
from contratempo.sim.simulation import Simulation

NAME: Final = "telnyx_assistants"
KIND: Final = "scheduled_event"
RULES: Final = read_rules(NAME)
ASSISTANTS: Final[dict[str, dict[str, Any]]] = {
    assistant["id"]: assistant for assistant in load(data_root("fixtures") / NAME / "assistants.json")["assistants"]
}
"""Listed assistants by id; `telephony` is a value of the rule of that name."""


def rule(simulation: Simulation, name: str) -> Any:
    """Return the value of one of this provider's rules that is in force."""
    return simulation.rules[f"{NAME}.{name}"]
