"""Limits: how much a server keeps of everything, so that nothing in it grows for ever."""

from contratempo.server.noting import BYTES_KEPT
from contratempo.server.readers import READERS
from contratempo.server.settings import Settings
from contratempo.server.showing import BODY_KEPT
from contratempo.server.worlds import RETIRED_KEPT
from contratempo.sim.faults import FAULTS_KEPT
from contratempo.sim.history import CHECKPOINTS_KEPT, HISTORY_BYTES_KEPT, SNAPSHOT_BYTES_KEPT, SNAPSHOTS_KEPT
from contratempo.sim.idempotency import KEYS_KEPT
from contratempo.sim.journal import REQUESTS_KEPT, SINK_BYTES_KEPT, SINK_KEPT, TRANSITIONS_KEPT
from contratempo.sim.outbox import OUTBOX_KEPT, UNFINISHED_KEPT
from contratempo.sim.outcomes import SCRIPTS_KEPT
from contratempo.sim.webhooks import ATTEMPTS_KEPT


def limits(settings: Settings) -> dict[str, int]:
    """Return the limits by name: of the server (`worlds`, `retired_keys`, `streams`, `body_bytes`, `state_bytes`), or
    else of a world.

    At those of worlds, records, scripts, faults, checkpoints and streams another is refused (429), at that of webhooks
    that wait it is dropped; of everything else the oldest goes, of snapshots those that lie close.
    """
    return {
        "worlds": settings.max_worlds,
        "retired_keys": RETIRED_KEPT,
        "streams": READERS,
        "body_bytes": settings.max_body_bytes,
        "state_bytes": settings.max_state_bytes,
        "records": settings.max_records,
        "scripts": SCRIPTS_KEPT,
        "faults": FAULTS_KEPT,
        "idempotency_keys": KEYS_KEPT,
        "transitions": TRANSITIONS_KEPT,
        "requests": REQUESTS_KEPT,
        "requests_bytes": BYTES_KEPT,
        "requests_body_bytes": BODY_KEPT,
        "webhooks": OUTBOX_KEPT,
        "webhooks_waiting": UNFINISHED_KEPT,
        "webhook_attempts": ATTEMPTS_KEPT,
        "history_bytes": HISTORY_BYTES_KEPT,
        "snapshots": SNAPSHOTS_KEPT,
        "snapshot_bytes": SNAPSHOT_BYTES_KEPT,
        "checkpoints": CHECKPOINTS_KEPT,
        "sink": SINK_KEPT,
        "sink_bytes": SINK_BYTES_KEPT,
    }
