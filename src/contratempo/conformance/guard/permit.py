"""What a real deployment may be sent: whom it may reach, how soon, how much of it, and how fast."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from contratempo.conformance.rule import Level

REMOVES: Final = {"delete_scheduled_event": "event_id", "CancelMessage": "id"}
"""The operations that remove, and the path parameter that says what."""

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Permit:
    """The limits. `targets`, `senders` and `assistants` are those that may appear, letter for letter; nothing else may.

    An empty list of assistants lets any be read, and none be written to with anybody's number.
    """

    level: Level = "read"
    targets: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    lead: timedelta = DAY
    max_requests: int = 500
    max_creates: int = 50
    rate: float = 2.0

    def lists(self, kind: str) -> tuple[str, ...]:
        """Return what may appear as `targets`, `senders` or `assistants`."""
        return {"targets": self.targets, "senders": self.senders, "assistants": self.assistants}[kind]


@dataclass(frozen=True)
class Reach:
    """Where in a provider's bodies stands whom it reaches and when: members by the list that they have to be on.

    `addresses` are members that hold URLs which the vendor would fetch or post to.
    """

    members: Mapping[str, str]
    when: str
    addresses: tuple[str, ...] = ()
    needed: tuple[str, ...] = ("targets",)


REACHES: Final[Mapping[str, Reach]] = {
    "telnyx_assistants": Reach(
        {"telnyx_end_user_target": "targets", "telnyx_agent_target": "senders"},
        "scheduled_at_fixed_datetime",
        needed=("targets", "senders", "assistants"),
    ),
    "telnyx_messages": Reach(
        {"to": "targets", "from": "senders", "messaging_profile_id": "senders"},
        "send_at",
        ("media_urls", "webhook_url", "webhook_failover_url"),
        needed=("targets", "senders"),
    ),
    "temphone": Reach(
        {"contact_id": "targets", "caller_id": "senders", "campaign_id": "assistants"},
        "scheduled_at",
        ("webhook_url",),
    ),
}
"""`needed` are the lists without which nothing good can be written."""
