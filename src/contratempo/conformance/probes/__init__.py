"""The plan: for each provider a fixed list of probes, the same each time."""

from collections.abc import Mapping
from typing import Final

from contratempo.conformance.probes import (
    assistants_kept,
    assistants_lists,
    assistants_requests,
    assistants_times,
    messages_kept,
    messages_requests,
    messages_times,
    temphone_requests,
    temphone_times,
)
from contratempo.conformance.probes.probe import Probe

PLANS: Final[Mapping[str, tuple[Probe, ...]]] = {
    "telnyx_assistants": (
        *assistants_lists.PROBES,
        *assistants_requests.PROBES,
        *assistants_kept.PROBES,
        *assistants_times.PROBES,
    ),
    "telnyx_messages": (*messages_requests.PROBES, *messages_kept.PROBES, *messages_times.PROBES),
    "temphone": (*temphone_requests.PROBES, *temphone_times.PROBES),
}

__all__ = ["PLANS", "Probe"]
