"""Telnyx messages: schedule, send, retrieve and cancel SMS and MMS."""

from typing import Final

from contratempo.provider import Provider
from contratempo.sim.outcomes import MESSAGE_OUTCOMES
from contratempo.sim.records import Kind

from . import delivery, messages, operations, webhooks
from .refusals import refuse
from .tables import FILE, MESSAGE, NAME

provider: Final = Provider(
    name=NAME,
    title="Telnyx messages",
    documents=("telnyx/messages-ScheduleMessage.yaml",),
    operations={
        "ScheduleMessage": operations.schedule_message,
        "SendMessage": operations.send_message,
        "RetrieveMessage": operations.retrieve_message,
        "CancelMessage": operations.cancel_message,
    },
    attempted=frozenset({"ScheduleMessage", "SendMessage"}),
    refuse=refuse,
    error_schema="#/components/schemas/messaging_Errors",
    timers={delivery.DUE: delivery.when_due, delivery.STEP: delivery.when_stepping},
    kinds={
        MESSAGE: Kind(
            name=MESSAGE,
            provider=NAME,
            index=messages.index,
            represent=messages.represent,
            lifecycles=FILE.lifecycles[MESSAGE],
            outcomes=MESSAGE_OUTCOMES,
            cancel=delivery.cancel,
            schema="#/components/schemas/Message",
        )
    },
    rules=FILE.rules,
    environment="TELNYX_BASE_URL",
    webhooks=webhooks.HOOKS,
)
