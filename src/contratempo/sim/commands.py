"""Commands: what changes a world, as plain JSON."""

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
    """How much one run may do: timers fired, and attempts at webhooks that come of them; None is no bound."""

    limit: int | None = None
    attempts: int | None = None

    @classmethod
    def of(cls, command: Command) -> "Bounds":
        """Return the bounds that a command sets."""
        return cls(command.get("limit"), command.get("attempts"))

    def reached(self, fired: int, attempts: int) -> bool:
        """Say whether a run has done as much as it may."""
        return fired == self.limit or (self.attempts is not None and attempts >= self.attempts)


UNBOUNDED = Bounds()
