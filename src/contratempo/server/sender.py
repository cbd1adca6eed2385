"""The sender: takes the webhooks of every world, sends or captures them, and brings the receipts back."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Final

from contratempo.provider import Hooks, Provider
from contratempo.server.catalog import Catalog
from contratempo.server.courier import Courier, visible
from contratempo.server.lanes import Lanes, Slot
from contratempo.server.policy import DeliveryPolicy, Destination
from contratempo.server.realtime import RealTime
from contratempo.server.signing import Signer
from contratempo.server.wire import encode
from contratempo.server.worlds import World
from contratempo.sim.instants import SECOND
from contratempo.sim.webhooks import Delivery, Receipt

_LOG: Final = logging.getLogger("contratempo")
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE: Final = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?")
FORK_CAPTURES: Final = "a fork captures webhooks unless made with deliver: true"
LOADED_CAPTURES: Final = "the world was saved from one that captures webhooks, and loaded without deliver=true"
_SLOW: Final = 0.5
"""Part of its time an attempt may take before its host counts as slow."""


@dataclass(frozen=True)
class Job:
    """A delivery of a world, and where it goes."""

    world: World
    delivery: Delivery
    destination: Destination


class SelfCheckFailed(Exception):
    """A webhook of ours that breaks the document."""


@dataclass
class Sender:
    """Sends what the outboxes of worlds hold; all its methods belong to the server's event loop.

    `catch_up(world)` is called before each receipt and `on_change(world)` after it. `token` is the control token that
    the server's own sink asks for.
    """

    policy: DeliveryPolicy
    signer: Signer
    providers: Mapping[str, Provider]
    catalog: Catalog
    real: RealTime
    courier: Courier
    on_change: Callable[[World], None] = lambda world: None
    catch_up: Callable[[World], object] = lambda world: None
    token: str | None = field(default=None, repr=False)
    _lanes: Lanes[Job] = field(default_factory=Lanes, repr=False)
    _tasks: dict[Slot[Job], "asyncio.Task[Receipt]"] = field(default_factory=dict, repr=False)
    _idle: dict[str, asyncio.Event] = field(default_factory=dict, repr=False)
    _closing: bool = False

    def dispatch(self, world: World) -> None:
        """Take what a world wants sent: capture what policy keeps back, queue the rest; returns without waiting."""
        while world.simulation.outbox.waiting and not self._closing:
            for delivery in world.simulation.deliveries():
                self._consider(world, delivery)
        if self._lanes.queued:
            self._start()

    def outstanding(self, world: World) -> int:
        """Return how many attempts of a world wait or are under way."""
        return self._lanes.outstanding(world.id)

    async def settle(self, world: World, seconds: float) -> bool:
        """Return True once nothing of a world is outstanding, False when `seconds` of real time are over or it stops.

        By the time whoever waits goes on, something else may be outstanding again.
        """
        if self.outstanding(world) and not self._closing:
            idle = self._idle.setdefault(world.id, asyncio.Event())
            try:
                async with asyncio.timeout(seconds):
                    await idle.wait()
            except TimeoutError:
                return False
        return not self._closing

    def abandon(self, world: World) -> None:
        """End everything that is on its way from a world; no receipt of it comes any more."""
        for slot in self._lanes.drop(world.id):
            self._tasks[slot].cancel()
        self._tell_idle(world)

    def stop(self) -> None:
        """Let nobody wait any longer: what settles returns, and nothing more begins."""
        self._closing = True
        for idle in self._idle.values():
            idle.set()
        self._idle.clear()

    async def close(self) -> None:
        """Stop, end everything that is on its way and wait until it has ended."""
        self.stop()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _consider(self, world: World, delivery: Delivery) -> None:
        destination = self._kept_by(world) or self.policy.judge(delivery.url)
        if isinstance(destination, str):
            self._receive(world, delivery, self._captured(world, delivery, destination))
            return
        address = destination.addresses[0] if destination.addresses else destination.host
        self._lanes.put(world.id, delivery.resource, (address, destination.port), Job(world, delivery, destination))

    def _kept_by(self, world: World) -> str | None:
        """Return why a world's webhooks are captured whatever their addresses, None when they are not."""
        if not world.captures:
            return None
        return FORK_CAPTURES if world.made_capturing else LOADED_CAPTURES

    def _captured(self, world: World, delivery: Delivery, reason: str) -> Receipt:
        try:
            self._composed(world, delivery)
        except Exception as error:
            return _broken(world, delivery, error)
        return Receipt("captured", reason=reason)

    def _start(self) -> None:
        """Begin as many attempts as may be under way; without a running loop they wait for the next time."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        while not self._closing and (slot := self._lanes.next()) is not None:
            self._tasks[slot] = task = loop.create_task(self._attempt(slot.job))
            # not in the task itself: one that is cancelled before its first step runs nothing of its own
            task.add_done_callback(partial(self._landed, slot))

    def _landed(self, slot: Slot[Job], task: "asyncio.Task[Receipt]") -> None:
        job, receipt = slot.job, None if task.cancelled() else task.result()
        del self._tasks[slot]
        slow = receipt is not None and (receipt.seconds or 0) > _SLOW * job.delivery.timeout
        self._lanes.done(slot, slow=slow)
        if slot.dropped:
            self._start()
        elif receipt is not None:  # else the loop ends, and nothing begins any more
            try:
                self._receive(job.world, job.delivery, receipt)
                self.dispatch(job.world)
            finally:
                self._tell_idle(job.world)
                self.on_change(job.world)

    async def _attempt(self, job: Job) -> Receipt:
        started, delivery = self.real.seconds(), job.delivery
        try:
            body = self._composed(job.world, delivery)
            headers = self._headers(job, body)
            receipt = await self.courier.carry(job.destination, headers, body, delivery.timeout)
        except Exception as error:
            return _broken(job.world, delivery, error)
        if receipt.state == "captured":
            return receipt
        return replace(receipt, seconds=round(self.real.seconds() - started, 6))

    def _composed(self, world: World, delivery: Delivery) -> bytes:
        """Return the body of an attempt; SelfCheckFailed when it breaks the document."""
        body = self._hooks(delivery).body(delivery)
        contract = self.catalog.contract(delivery.provider, world.simulation.origin.profile)
        if violations := contract.check_webhook(delivery.event, body):
            raise SelfCheckFailed("; ".join(f"{each.location}{each.pointer} {each.message}" for each in violations[:3]))
        return encode(body)

    def _headers(self, job: Job, body: bytes) -> dict[str, str]:
        """Return the vendor's headers, signed at the time of the wall clock, and what our own sink asks for."""
        sign = self._sign_wrongly if job.delivery.spoilt else self.signer.sign
        headers = dict(self._hooks(job.delivery).headers(sign, self.real.instant() // SECOND, body))
        headers = {"content-type": "application/json", **{name.lower(): value for name, value in headers.items()}}
        if job.destination.own:
            headers["x-mock-world"] = job.world.id
            if self.token is not None:
                headers["x-mock-token"] = self.token
        for name, value in headers.items():
            if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
                raise ValueError(f"the header {name!r} would have characters that no header has")
        return headers

    def _sign_wrongly(self, message: bytes) -> bytes:
        return self.signer.sign(message + b" and something else")

    def _hooks(self, delivery: Delivery) -> Hooks:
        hooks = self.providers[delivery.provider].webhooks
        if hooks is None:
            raise LookupError(f"{delivery.provider} has no webhooks")
        return hooks

    def _receive(self, world: World, delivery: Delivery, receipt: Receipt) -> None:
        """Bring a receipt to its world, which may know the attempt no more."""
        command = {
            "kind": "receipt", "epoch": delivery.epoch, "branch": delivery.branch, "webhook": delivery.webhook,
            "attempt": delivery.attempt, "receipt": asdict(receipt),
        }  # fmt: skip
        try:
            self.catch_up(world)  # a receipt comes at an instant, too: what follows from it is not stamped before
            world.simulation.apply(command)
        except Exception:  # something due at that instant failed and was dropped; the receipt itself was taken in
            _LOG.exception("world %s: a due thing failed and was dropped", visible(world.id, 100))
        _log(world, delivery, receipt)

    def _tell_idle(self, world: World) -> None:
        if not self.outstanding(world) and (idle := self._idle.pop(world.id, None)) is not None:
            idle.set()


def _broken(world: World, delivery: Delivery, error: Exception) -> Receipt:
    """Return the receipt of an attempt that we ourselves could not make."""
    if isinstance(error, SelfCheckFailed):
        return Receipt("failed", reason=visible(f"self-check: {error}", 500))
    _LOG.error("world %s: webhook %s failed", visible(world.id, 100), delivery.webhook, exc_info=error)
    return Receipt("failed", reason="the mock failed; the server's log has it")


def _log(world: World, delivery: Delivery, receipt: Receipt) -> None:
    """Log what came of an attempt on one line; without its address, which may hold a secret."""
    reason = receipt.reason or ""
    level = logging.INFO
    if receipt.state == "delivered":
        level = logging.DEBUG
    elif reason.startswith("self-check"):
        level = logging.ERROR
    words = f"{world.id}: {delivery.event} {delivery.webhook} attempt {delivery.attempt} {receipt.state} {reason}"
    _LOG.log(level, "%s", visible(words.rstrip(), 500))
