"""An event loop whose order of steps and whose time are functions of a seed: no sockets, no threads, no sleeping."""

import asyncio
import gc
import heapq
from asyncio import BaseEventLoop, Handle, Task, TimerHandle
from collections.abc import Callable, Coroutine
from itertools import count
from random import Random
from typing import Any, Final, TypeVar

from contratempo.sim.instants import SECOND, parse_instant

T = TypeVar("T")

HORIZON: Final = 900.0
"""Virtual seconds by which a play is over: a server alone would look after its clocks for ever."""
TURMOIL: Final = 100_000
"""Steps at one instant that are no work any more but running in circles."""
WALL: Final = parse_instant("2026-03-15T09:00:00Z")
TEMPERS: Final = {"any": (0, 0), "oldest": (7, 0), "newest": (0, 7), "either": (4, 4)}
"""Of ten steps, how many go to what waits longest and to what came last; chance has the others."""
LAGS: Final = (0.0005, 0.004, 0.03, 0.3)


class Stuck(AssertionError):
    """Nothing can go on, or nothing ends; says who waits where."""


class Numbered(Task[Any]):
    """A task with a number: a set of tasks has no order of its own that could be had twice."""

    number = 0


class SeededLoop(BaseEventLoop):
    """Takes one of the ready steps at a time, by chance; when none is ready, time jumps to the next call scheduled.

    `lagged` are seconds that passed while something was ready, as they do on a busy machine: at one step in so many, by
    the seed, `laggard` is how many.
    """

    def __init__(self, seed: object) -> None:
        super().__init__()
        self._chance = Random(f"schedule/{seed}")
        self.oldest, self.newest = TEMPERS[self._chance.choice(sorted(TEMPERS))]
        self.laggard = self._chance.choice([0.0, 0.0, 0.002, 0.02])
        self._seconds, self._turns, self.lagged, self.steps = 0.0, 0, 0.0, 0
        self.failures: list[str] = []
        numbers = count(1)

        def make(loop: Any, coroutine: Any, **more: Any) -> Numbered:
            task = Numbered(coroutine, loop=loop, **more)
            task.number = next(numbers)
            return task

        self.set_task_factory(make)
        self.set_exception_handler(self._failed)

    def time(self) -> float:
        return self._seconds

    async def idle(self) -> None:
        """Return once nothing was ready: when time has passed for no other reason."""
        lagged = -1.0
        while lagged < self.lagged:
            lagged = self.lagged
            await asyncio.sleep(0.001)

    def run_in_executor(self, *arguments: Any) -> Any:
        raise AssertionError(f"no threads here: {arguments}")

    def _write_to_self(self) -> None:
        """Nothing sleeps that had to be woken."""

    def _timer_handle_cancelled(self, handle: TimerHandle) -> None:
        """They are dropped when their time comes."""

    def _failed(self, loop: Any, context: dict[str, Any]) -> None:
        self.failures.append(f"{context.get('message')}: {context.get('exception')!r}")

    def _run_once(self) -> None:
        self._let_time_pass()
        if not self._ready:
            return
        handle = self._pick()
        if handle._cancelled:
            return
        self.steps += 1
        known = len(self._ready)
        handle._run()
        if len(self._ready) > known + 1:
            self._put_in_order(known)

    def _let_time_pass(self) -> None:
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)
        before = self._seconds
        if not self._ready and not self._stopping:
            if not self._scheduled:
                raise Stuck(f"nothing is ready or scheduled, and these wait: {waiting(self)}")
            self._seconds = max(before, self._scheduled[0]._when)
        elif self.laggard and self._chance.random() < self.laggard:
            self._seconds += self._chance.choice(LAGS)
            self.lagged += self._seconds - before
        self._turns = 0 if self._seconds > before else self._turns + 1
        if self._turns > TURMOIL or self._seconds > HORIZON:
            raise Stuck(f"no end at {self._seconds:.3f} s after {self.steps} steps, and these wait: {waiting(self)}")
        while self._scheduled and self._scheduled[0]._when <= self._seconds:
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
            self._ready.append(handle)

    def _pick(self) -> Handle:
        last, place = len(self._ready) - 1, 0
        if last:
            die = self._chance.randrange(10)
            place = 0 if die < self.oldest else last if die >= 10 - self.newest else self._chance.randrange(last + 1)
        handle: Handle = self._ready[place]
        del self._ready[place]
        return handle

    def _put_in_order(self, known: int) -> None:
        """Sort what one step has made ready: whether it came out of a set must not matter."""
        made = [self._ready.pop() for _ in range(len(self._ready) - known)]
        made.reverse()
        self._ready.extend(sorted(made, key=_number))


def _number(handle: Handle) -> int:
    return getattr(getattr(handle._callback, "__self__", None), "number", 0)


def waiting(loop: asyncio.AbstractEventLoop) -> str:
    """Return every task that is not done, with the place at which it waits."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: getattr(task, "number", 0))
    return "; ".join(f"{task.get_name()} at {place(task)}" for task in tasks) or "nobody"


def place(task: "Task[Any]") -> str:
    """Return the files and lines at which a task waits, innermost last."""
    frames, awaited = [], task.get_coro()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            frames.append(f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}")
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
    return " > ".join(frames[-3:])


class LoopTime:
    """Real time as the running loop has it."""

    def seconds(self) -> float:
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return 0.0

    def instant(self) -> int:
        return WALL + round(self.seconds() * SECOND)


def play(seed: object, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in the loop of a seed; Stuck when it does not end.

    Garbage is collected before and after, never within: what a collector ends, it would end at no fixed time.
    """
    loop = SeededLoop(seed)
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(main())
    finally:
        gc.enable()


async def give_way(steps: int) -> None:
    """Let others go first for a number of steps."""
    for _ in range(steps):
        await asyncio.sleep(0)
