"""The wishes of the actors: which worlds there are, and what may be asked of them."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from stage.book import Observed
from stage.receivers import OWN, PORTS

from contratempo.server.service import Service
from contratempo.sim.instants import SECOND, format_instant
from contratempo.sim.simulation import Simulation

AHEAD: Final = (300, 300, 301, 302, 600, 3_600, 90_000)
NUMBERS: Final = ("+12125550101", "+12125550120", "+12125550121", "+12125550122", "+12125550123", "+12125550130")
CONTACTS: Final = ("ctc_12kd88", "ctc_busy00", "ctc_noansw", "ctc_failed", "ctc_cancel")
EVENTS: Final = "/v2/ai/assistants/assistant_1/scheduled_events"
HOSTS: Final = ("hooks.test", "two.test", "gone.test", "inside.test", "localhost", "example.com", "slow.test")


@dataclass(eq=False)
class Wishes:
    """The `keys` of worlds by id, and requests by chance; a `crowd` has everything at one time and to one port."""

    chance: Random
    service: Service
    keys: dict[str, str] = field(default_factory=lambda: {"default": "key"})
    tags: int = 0
    names: tuple[str, ...] = HOSTS
    crowd: bool = False

    def worlds(self) -> list[Observed]:
        found = (self.service.worlds.get(identifier) for identifier in sorted(self.keys))
        return [world.simulation for world in found if world is not None and isinstance(world.simulation, Observed)]

    def soon(self) -> str:
        """Return an instant that lies ahead in some world, unless that goes on meanwhile."""
        ahead = 300 if self.crowd else self.chance.choice(AHEAD)
        return format_instant(self.chance.choice(self.worlds()).now + ahead * SECOND)

    def url(self, tag: str) -> str:
        if self.crowd:
            return f"http://127.0.0.1:{PORTS[0]}/{tag}"
        port = self.chance.choice(PORTS)
        die = self.chance.randrange(10)
        if die < 7:
            return f"http://127.0.0.1:{port}/{tag}"
        if die == 7:
            return f"http://127.0.0.1:{OWN}/_mock/sink/{tag}"
        return f"http://{self.chance.choice(self.names)}:{port}/{tag}"

    def creation(self) -> tuple[str, dict[str, Any]]:
        """Return a request that makes something."""
        self.tags += 1
        tag, at, to = f"t{self.tags}", self.soon(), self.chance.choice(NUMBERS)
        match self.chance.randrange(3):
            case 0:
                message = {"from": "+12125550100", "to": to, "text": "Hi", "send_at": at, "webhook_url": self.url(tag)}
                if self.chance.random() < 0.5:
                    message["webhook_failover_url"] = self.url(tag) + "/f"
                return "/v2/messages/schedule", message
            case 1:
                contact = self.chance.choice(CONTACTS)
                call = {
                    "contact_id": contact,
                    "scheduled_at": at,
                    "initial_message": "Hi",
                    "webhook_url": self.url(tag),
                }
                return "/v1/calls/scheduled", call
            case _:
                event = {
                    "telnyx_end_user_target": to,
                    "telnyx_agent_target": f"+1{self.tags}",
                    "scheduled_at_fixed_datetime": at,
                }
                sms = {"telnyx_conversation_channel": "sms_chat", "text": "Hi"}
                phone = {
                    "telnyx_conversation_channel": "phone_call",
                    "max_retries_client_errors": 2,
                    "retry_interval_secs": 60,
                }
                return EVENTS, event | self.chance.choice([sms, phone, phone])

    def webhooks(self, *worlds: Simulation) -> list[str]:
        """Return the ids of the webhooks that there are, in some worlds or in all, in no order that matters."""
        known = [webhook.id for world in worlds or self.worlds() for webhook in world.outbox]
        return self.chance.sample(known, len(known))
