"""Commands: what changes a world, as plain JSON."""

import sys
from typing import Any, NamedTuple, TypeAlias

Command: TypeAlias = dict[str, Any]
"""One of these, by its `kind`:

- `{kind: "call", at, provider, operation, request}`
- `{kind: "run", until, limit?, attempts?, pause?}`, where until None means as long as anything is due, `limit` counts
  timers, `attempts` stops it once as many attempts at webhooks have come of them, and `pause` before time goes on over
  webhooks to be sent
- `{kind: "tick", until, limit?, attempts?}`, a run that counts only when something was due
- `{kind: "strike", victim}`, which chooses a fault for a request
- `{kind: "receipt", webhook, attempt, epoch, branch, receipt}`
- `{kind: "clock", mode, rate, real}`
- `{kind: "stand"}`, which counts only when a running clock has gone on since the latest command
- `{kind: "reset"}`
"""


class Bounds(NamedTuple):
    """How much one run may do: timers fired, and attempts at webhooks that come of them."""

    limit: int = sys.maxsize
    attempts: int = sys.maxsize

    @classmethod
    def of(cls, command: Command) -> "Bounds":
        """Return the bounds that a command sets."""
        bounds = {name: bound for name in cls._fields if (bound := command.get(name)) is not None}
        return cls(**bounds)


UNBOUNDED = Bounds()
