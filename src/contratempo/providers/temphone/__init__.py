"""TemPhone: schedule an AI outbound call. Its page is the source of what is not said to be ours."""

from typing import Final

from contratempo.provider import Provider
from contratempo.providers.temphone import attempts
from contratempo.providers.temphone.calls import KIND, represent, schedule_call
from contratempo.providers.temphone.checks import earlier
from contratempo.providers.temphone.refusals import refuse
from contratempo.providers.temphone.tables import RULES
from contratempo.providers.temphone.webhooks import HOOKS
from contratempo.sim.outcomes import CALL_OUTCOMES
from contratempo.sim.records import Key, Kind, Record, Sort


def _index(record: Record) -> list[tuple[Key, Sort]]:
    return [((), (record["due"], record["created"], record["ordinal"]))]


scheduled_call: Final = Kind(
    name=KIND,
    provider="temphone",
    index=_index,
    represent=represent,
    lifecycles=RULES.lifecycles[KIND],
    outcomes=CALL_OUTCOMES,
    cancel=attempts.cancel,
    schema="#/components/schemas/ScheduledCall",
)

provider: Final = Provider(
    name="temphone",
    title="TemPhone scheduled calls",
    documents=("temphone/calls.yaml",),
    operations={"scheduleCall": schedule_call},
    attempted=frozenset({"scheduleCall"}),
    refuse=refuse,
    earlier=earlier,
    error_schema="#/components/schemas/ErrorResponse",
    timers={
        "dispatch": attempts.dispatch,
        "ring": attempts.progress,
        "answer": attempts.progress,
        "end": attempts.end,
    },
    kinds={KIND: scheduled_call},
    rules=RULES.rules,
    environment="TEMPHONE_BASE_URL",
    webhooks=HOOKS,
)
