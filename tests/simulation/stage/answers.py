"""The laws of answers, held to at the moment of each: what it says is so, and it did not wait for whom it must not."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from stage.book import Book, Entry, Observed, opened_by
from stage.client import CLOCK, Exchange

from contratempo.sim.instants import SECOND, format_instant, parse_instant
from contratempo.sim.saved import dump

if TYPE_CHECKING:
    from stage.witness import Witness

TURN: Final = 30.0
_PREVENTING: Final = ("status", "reset", "empty")
_CLOCK: Final = (
    ("POST", f"{CLOCK}/advance"), ("PUT", CLOCK), ("POST", "/_mock/reset"), ("POST", "/_mock/rewind"),
    ("POST", "/_mock/fork"), ("PUT", "/_mock/state"), ("PUT", "/_mock/state?wait_turn=true"),
)  # fmt: skip


def check_answer(witness: "Witness", exchange: Exchange) -> None:
    """Hold an answer to its laws."""
    book, entries = witness.book, exchange.notes.get("entries", [])
    struck = next((entry.answer for entry in entries if entry.kind == "strike"), None)
    if exchange.status >= 500 and (struck is None or struck.kind != "status"):
        book.fail(f"{exchange}: {exchange.chunks!r} {exchange.answer_headers.get('x-mock-trace')}")
    _check_duration(witness, exchange, 0.0 if struck is None else struck.fault.get("seconds", 0.0))
    if exchange.status >= 400 and struck is None:
        _check_refusal(book, exchange, entries)
    if (exchange.method, exchange.target) in _CLOCK:
        _check_turn(witness, exchange)
    if exchange.target in ("/_mock/rewind", "/_mock/checkpoints") and exchange.status in (200, 201):
        check_place(witness, exchange)
    if exchange.target == f"{CLOCK}/advance" and exchange.status == 200:
        _check_advance(witness, exchange, exchange.notes["runs"])
    if exchange.target == "/_mock/reset" and exchange.status == 200:
        _check_end(witness, entries[-1].world.origin.id, exchange)
    if exchange.target.startswith("/_mock/worlds/") and exchange.status == 204:
        _check_end(witness, exchange.target.rpartition("/")[2], exchange)


def _check_duration(witness: "Witness", exchange: Exchange, fault: float) -> None:
    """Nobody waits for a receiver but an advance that says so, and that one within its budget."""
    book, body = witness.book, exchange.body if isinstance(exchange.body, dict) else {}
    allowed = fault
    if exchange.target == f"{CLOCK}/advance":
        allowed = TURN * body.get("wait_turn", False) + book.budget * (body.get("wait") != "none")
    elif exchange.target == "/_mock/rewind":
        allowed = TURN * body.get("wait_turn", False)
    elif exchange.target.endswith("wait_turn=true"):
        allowed = TURN
    elif exchange.target == CLOCK and "now" in body:
        allowed = book.budget
    elif exchange.target == "/_mock/requests/wait":
        allowed = body["timeout_seconds"]
    elif exchange.target.startswith("/_mock/stream"):
        return
    took = witness.loop.time() - exchange.began - (witness.loop.lagged - exchange.lagged)
    if took > allowed + 1e-6:
        book.fail(f"took {took:.4f} s, {allowed:g} at most: {exchange}")


def _check_refusal(book: Book, exchange: Exchange, entries: list[Entry]) -> None:
    """Whoever is refused has changed nothing; but an advance may have been overtaken by the world's end."""
    done = [entry for entry in entries if entry.kind not in ("tick", "strike") and entry.error is None]
    if exchange.notes.get("taken"):
        book.fail(f"refused, and the world is taken over: {exchange}")
    if done and not (exchange.status == 404 and all(entry.kind == "run" for entry in done)):
        book.fail(f"refused and done: {exchange}, {done[0]}")


def check_fault(book: Book, exchange: Exchange) -> None:
    """What a fault prevents is not done; what it only spoils is done."""
    entries = exchange.notes.get("entries", [])
    struck = next((entry.answer for entry in entries if entry.kind == "strike" and entry.answer is not None), None)
    if struck is None or exchange.method != "POST":
        return
    calls = [entry for entry in entries if entry.kind == "call"]
    book.counts[f"struck by {struck.kind}"] += 1
    if bool(calls) == (struck.kind in _PREVENTING):
        book.fail(f"{struck.kind} struck {exchange}, and it was {'' if calls else 'not '}done")


def _check_turn(witness: "Witness", exchange: Exchange) -> None:
    """A clock command is refused for another one's sake while that is at work, and only then; the head stays."""
    if (exchange.status, exchange.json.get("type", "").rpartition(":")[2]) != (409, "advance-in-progress"):
        return
    world = witness.world_of(exchange)
    witness.book.counts["nested"] += 1
    if world is None:
        witness.book.fail(f"there is no such world: {exchange}")
    elif witness.book.holders.get(world) in (None, exchange) and not _is_held(witness, world):
        witness.book.fail(f"nobody else has the turn: {exchange}")
    elif exchange.answer_headers["x-mock-head"] != str(world.head):
        witness.book.fail(f"the head is {world.head}, not {exchange.answer_headers['x-mock-head']}: {exchange}")


def _is_held(witness: "Witness", world: Observed) -> bool:
    """Say whether somebody has the turn who has run nothing yet: an advance first waits for what is on its way."""
    known = witness.service.worlds.get(world.origin.id)
    return known is not None and known.advancing


def _check_advance(witness: "Witness", exchange: Exchange, runs: list[Entry]) -> None:
    book, world, wish, answer = witness.book, runs[0].world, exchange.body, exchange.json
    before, now = runs[0].instants[0], parse_instant(answer["now"])
    if (now, answer["head"]) != (world.now, world.head):
        book.fail(f"the world stands at {format_instant(world.now)}, head {world.head}: {exchange} {answer}")
    if "by" in wish and now != before + round(wish["by"] * SECOND):
        book.fail(f"from {format_instant(before)} to {answer['now']}: {exchange}")
    if "to" in wish and wish["to"] not in ("idle", "next") and now != parse_instant(wish["to"]):
        book.fail(f"advanced to {answer['now']}: {exchange}")
    _check_fired(book, world, exchange, runs[0], answer)
    timer = world.timers.peek()
    if runs[-1].cut and timer is not None and timer.due <= now:
        book.fail(f"answered after a slice, with {timer} left: {exchange}")
    sending = world.account.sending
    outstanding = _outstanding(witness, world.origin.id)
    if not answer["undelivered"] == len(sending) == outstanding and not witness.service.closing:
        book.fail(f"{len(sending)} attempts are under way, {outstanding} outstanding: {exchange} {answer}")
    took = witness.loop.time() - exchange.began
    waits = wish.get("wait") != "none" and not witness.service.closing
    own = [place for place in sending if opened_by(world, place, runs[0])]
    if waits and own and took < book.budget - 1e-6:
        book.fail(f"left {own} behind after {took:.4f} s: {exchange}")
    book.counts["undelivered" if own else "settled"] += waits


def _check_fired(book: Book, world: Observed, exchange: Exchange, first: Entry, answer: Any) -> None:
    """What it lists is what the timeline shows since its turn began, at the latest with its first step."""
    count, total = answer["fired_count"], world.journal.transitions.total
    rows = [each.describe() for each in world.journal.transitions.since(total - count)]
    least = total - first.transitions
    if not least <= count <= total or answer["fired"] != rows[:1000]:
        book.fail(f"fired {count}, the timeline has {least}: {exchange}")
    if any(row["at"] != format_instant(first.instants[0]) for row in rows[: count - least]):
        book.fail(f"fired before its turn: {rows[: count - least]}: {exchange}")


def check_place(witness: "Witness", exchange: Exchange) -> None:
    """Whoever has gone back stands where that led, at a head that was never given; a dry run changes nothing."""
    book, answer, world = witness.book, exchange.json, witness.world_of(exchange)
    if world is None or exchange.method == "GET":
        return
    if exchange.target == "/_mock/checkpoints":
        world.marked.setdefault(answer["head"], dump(world))
        return
    book.counts["rewound"] += 1
    dry = exchange.body.get("dry_run", False)
    if exchange.notes.get("taken", False) == dry:
        book.fail(f"{'taken' if dry else 'not taken'} back: {exchange}")
    if not dry and (answer["head"], answer["branch"]) != (world.head, world.branch):
        book.fail(f"the world is at {world.head} of branch {world.branch}: {exchange} {answer}")
    if not dry and world.head != world.history.head:
        book.fail(f"head {world.head} is not what its history has, {world.history.head}: {exchange}")
    if "to" in exchange.body and parse_instant(answer["now"]) != parse_instant(exchange.body["to"]):
        book.fail(f"gone back to {answer['now']}: {exchange}")
    due = world.timers.peek()
    if not dry and due is not None and due.due < world.now:
        book.fail(f"gone back over {due}: {exchange}")


def _check_end(witness: "Witness", identifier: str, exchange: Exchange) -> None:
    """After a reset or a deletion nothing is on its way."""
    if under_way := _outstanding(witness, identifier):
        witness.book.fail(f"{under_way} attempts are under way after {exchange}")


def _outstanding(witness: "Witness", identifier: str) -> int:
    named: Any = SimpleNamespace(id=identifier)  # of a world that is gone, too
    return witness.service.sender.outstanding(named)
