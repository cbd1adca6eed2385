"""The laws of a world, held to after every command: time, due things, transitions, and nothing from before a reset."""

from stage.attempts import brief, check_webhook
from stage.book import Account, Book, Entry, Observed, opened_by

from contratempo.sim.instants import format_instant
from contratempo.sim.journal import Transition
from contratempo.sim.simulation import Command
from contratempo.sim.webhooks import Webhook


def watch(world: Observed, entry: Entry, command: Command) -> None:
    """Hold a world to its laws after a command."""
    book = world.book
    if entry.kind == "reset" and entry.error is None:
        _begin_anew(world, entry)
    _check_time(book, world, entry)
    _check_heads(book, entry)
    if entry.kind == "run":
        _check_run(book, world, entry, command)
    if entry.kind == "receipt":
        _check_receipt(book, world, entry, command)
    if entry.kind == "call" and entry.error is None:
        _check_key(book, world, entry, command)
    _check_transitions(book, world)
    _check_webhooks(book, world, entry)


def _check_key(book: Book, world: Observed, entry: Entry, command: Command) -> None:
    """The same idempotency key makes the same event, as long as that is there."""
    key = command["request"]["headers"].get("idempotency-key")
    if key is None or command["operation"] != "create_scheduled_event":
        return
    made = world.account.keys.setdefault(key, entry.answer.resource)
    if made != entry.answer.resource and world.records.find(made) is not None:
        book.fail(f"{key} made {made} and {entry.answer.resource}: {entry}")


def _begin_anew(world: Observed, entry: Entry) -> None:
    if world.epoch != entry.epoch + 1:
        world.book.fail(f"a reset led from epoch {entry.epoch} to {world.epoch}")
    left = len(world.records), len(world.timers), len(world.outbox), len(world.faults), world.outbox.waiting
    left += (world.journal.transitions.total, len(world.journal.requests), len(world.journal.sink))
    if any(left) or world.clock.dump() != world.start:
        world.book.fail(f"a reset has left {left} and the clock at {world.clock.dump()}")
    world.late += world.account.late
    world.minted, world.marked = set(), {}
    world.account = Account(world.epoch, world.now)


def _check_time(book: Book, world: Observed, entry: Entry) -> None:
    before, after = entry.instants
    if entry.kind in ("run", "tick") and after >= before:
        world.account.moved += after - before
    elif entry.kind != "reset" and after != before:
        book.fail(f"{entry} moved the clock")
    holder = book.holders.get(world)
    if entry.kind == "tick" and after != before and (world.clock.mode == "frozen" or holder is not None):
        book.fail(f"{entry} moved a clock that is frozen or advanced by {holder}")


def _check_heads(book: Book, entry: Entry) -> None:
    before, after = entry.heads
    counted = entry.error is None and (entry.kind not in ("run", "tick", "receipt", "stand"))
    if entry.kind == "stand" and after > before + 1:
        book.fail(f"{entry} counted more than itself")
    if after < before + counted or (after > before and entry.error is not None and not entry.steps):
        book.fail(f"{entry} led from head {before} to {after}")


def _check_run(book: Book, world: Observed, entry: Entry, command: Command) -> None:
    """What was due has happened; and time does not go on over webhooks that the run itself has sent."""
    due = min((row["due"] for row in world.timers.dump()["timers"]), default=None)
    paused = entry.pause and world.outbox.waiting
    entry.cut = entry.steps == command["limit"] or world.outbox.opened - entry.opened >= command["attempts"]
    if entry.cut:  # a slice of it (seed 71): the rest comes with the next, and the answer only after the last
        due = None
    if due is not None and (due < world.now or (due == world.now and not paused)):
        book.fail(f"{entry} left what was due at {format_instant(due)}")
    if due is not None and command["until"] is None and not paused:
        book.fail(f"{entry} is not idle: something is due at {format_instant(due)}")
    exchange = entry.exchange
    if exchange is None or (exchange.body or {}).get("wait") == "none":
        return
    first = exchange.notes["runs"][0]
    exchange.notes.setdefault("last run", (entry.time, book.lagged()))
    if not entry.pause and not book.closing() and entry.time - exchange.began < book.budget - 1e-6:
        book.fail(f"{entry} does not wait for receivers after {entry.time - exchange.began:.3f} s")
    since = max(book.quiet.get(world, (0.0, 0.0)), exchange.notes["last run"])
    if not entry.sending and entry.time - since[0] - (book.lagged() - since[1]) > 1e-6:
        book.fail(f"{entry} waited from {since[0]:.4f} s on for nothing")
    over = [place for place in entry.sending if opened_by(world, place, first)]
    if entry.pause and entry.instants[1] > entry.instants[0] and over:
        book.fail(f"{entry} went on over {over}")
    exchange.notes["last run"] = (entry.time, book.lagged())


def _check_receipt(book: Book, world: Observed, entry: Entry, command: Command) -> None:
    place = (command["webhook"], command["attempt"])
    if not entry.answer:
        if not command.get("late"):
            book.fail(f"the sender brings a receipt that nobody waits for: {entry}")
        if entry.heads[0] != entry.heads[1] or entry.steps:
            book.fail(f"{entry} was refused and changed something")
        return
    account = world.account
    if (command["epoch"], command["branch"]) != (world.epoch, world.branch):
        book.fail(f"{entry} took in a receipt of epoch {command['epoch']}")
    if place not in account.handed or place in account.closed:
        book.fail(f"{entry} took in a receipt of {place}, which was not under way")
    account.closed[place] = entry.instants[0]


def _check_transitions(book: Book, world: Observed) -> None:
    journal, account = world.journal.transitions, world.account
    for transition in journal.since(account.transitions):
        book.counts[f"{transition.provider} {transition.to}"] += 1
        _check_transition(book, world, transition)
    account.transitions = journal.total


def _check_transition(book: Book, world: Observed, transition: Transition) -> None:
    """A resource goes the way of its table, from where it was; and each attempt begins once."""
    account, place = world.account, (transition.resource, transition.kind)
    kind = next(iter(world.origin.actors[transition.provider].kinds.values()))
    table = kind.lifecycles["status" if transition.kind == "status" else "call_status"]
    if transition.was != account.statuses.get(place):
        book.fail(f"{transition} came after {account.statuses.get(place)}")
    if transition.was is None:
        right = table.initial
    elif transition.to is None:
        right = None
    else:
        right = table.transitions[transition.was].get(transition.cause)
    if transition.to != right or transition.at > world.now:
        book.fail(f"{transition} is not what the table says: {right}")
    account.statuses[place] = transition.to
    if transition.was is None and transition.kind == "status":
        _check_new(book, world, transition.resource)
    if transition.cause == "dispatch" and transition.kind == "status":
        attempt = (transition.resource, transition.attempt or 0)
        if attempt in account.attempted:
            book.fail(f"attempt {attempt} was made twice")
        account.attempted.add(attempt)


def _check_new(book: Book, world: Observed, identifier: str) -> None:
    """No id is minted twice, in whatever branch or fork."""
    if identifier in world.minted:
        book.fail(f"{identifier} is minted twice in {world.origin.id}, branch {world.branch}")
    world.minted.add(identifier)


def _check_webhook_new(book: Book, world: Observed, webhook: Webhook) -> None:
    """A webhook is minted where it first appears, sent or held; one that was there in a world taken over is the same.

    It may then be sent a second time, as one that a fault holds when it is gone back to (seed 259): that is no minting.
    """
    known = world.account.known
    if webhook.id not in known:
        _check_new(book, world, webhook.id)
    if known.setdefault(webhook.id, webhook.number) != webhook.number:
        book.fail(f"webhook {webhook.id} is minted twice, as {known[webhook.id]} and as {webhook.number}")


def _check_webhooks(book: Book, world: Observed, entry: Entry) -> None:
    outbox, account = world.outbox, world.account
    changed = dict.fromkeys(outbox.changes.since(account.changes))
    account.changes = outbox.changes.total
    for identifier in changed:
        webhook = outbox.get(identifier)
        if webhook is None:
            book.fail(f"webhook {identifier} has gone")
            continue
        _check_webhook_new(book, world, webhook)
        for attempt in webhook.attempts:
            place = (identifier, attempt.number)
            if place not in account.opened:
                account.opened[place] = entry
                book.counts["attempts"] += 1
                if entry.pause and attempt.at != entry.instants[1]:
                    book.fail(f"{entry} passed over {brief(webhook)}")
            (account.sending.add if attempt.state == "sending" else account.sending.discard)(place)
            if not account.sending:
                book.quiet[world] = (entry.time, book.lagged())
        check_webhook(book, world, webhook)
