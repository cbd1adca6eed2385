"""The AI assistants' scheduled events: calls and texts, retried where they fail, kept until they are deleted."""

from contratempo.provider import Provider
from contratempo.providers.telnyx_assistants.attempts import TIMERS
from contratempo.providers.telnyx_assistants.events import OPERATIONS, SCHEDULED_EVENT
from contratempo.providers.telnyx_assistants.refusals import refuse
from contratempo.providers.telnyx_assistants.rulebook import KIND, NAME, RULES

provider = Provider(
    name=NAME,
    title="Telnyx AI assistants: scheduled events",
    documents=("telnyx/assistants-create_scheduled_event.yaml", "telnyx/assistants-get_scheduled_events.yaml"),
    operations=OPERATIONS,
    attempted=frozenset({"create_scheduled_event"}),
    refuse=refuse,
    error_schema="#/components/schemas/Refused",
    timers=TIMERS,
    kinds={KIND: SCHEDULED_EVENT},
    rules=RULES.rules,
    environment="TELNYX_BASE_URL",
)
