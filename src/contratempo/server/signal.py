"""Signals: a broadcast that many wait for at once."""

import asyncio


class Signal:
    """Counts what it was told: whoever read `count` before looking at the state cannot miss what changes afterwards."""

    def __init__(self) -> None:
        self.count = 0
        self._waiters: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Wake everyone who waits, from the thread of their event loop; with nobody there it costs an addition."""
        self.count += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def after(self, count: int, seconds: float | None = None) -> bool:
        """Return once the count is another, at the latest after real seconds (None: never), and say whether it is."""
        if self.count != count:
            return True
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(waiter)
        return self.count != count
