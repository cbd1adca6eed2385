"""The laws of webhooks: which attempts there are, at which addresses and instants, and what becomes of them."""

from stage.book import Book, Observed

from contratempo.sim.instants import SECOND, format_instant
from contratempo.sim.webhooks import Attempt, Webhook


def brief(webhook: Webhook) -> str:
    """Return a webhook on one line."""
    fault = "" if webhook.fault is None else f", {webhook.fault['kind']}"
    tried = ", ".join(f"{each.state}{' (extra)' * each.extra} {format_instant(each.at)}" for each in webhook.attempts)
    return f"{webhook.event} of {webhook.resource}, {webhook.status}{fault}: [{tried}]"


def check_webhook(book: Book, world: Observed, webhook: Webhook) -> None:
    """Hold a webhook to its policy; what is said of it anew must not contradict what was said before."""
    tries = [attempt for attempt in webhook.attempts if not attempt.extra]
    if [attempt.number for attempt in webhook.attempts] != list(range(1, len(webhook.attempts) + 1)):
        book.fail(f"the attempts are not numbered from 1: {brief(webhook)}")
    orders = [attempt.order for attempt in webhook.attempts]
    if orders != sorted(set(orders)):
        book.fail(f"the attempts are out of order: {brief(webhook)}")
    if len(tries) > len(webhook.urls) * webhook.policy.attempts:
        book.fail(f"tried {len(tries)} times: {brief(webhook)}")
    for turn, attempt in enumerate(tries):
        _check_try(book, world, webhook, tries, turn, attempt)
    if webhook.status != (right := _status(webhook, tries)):
        book.fail(f"the status should be {right}: {brief(webhook)}")
    if any(attempt.at > world.now for attempt in webhook.attempts):
        book.fail(f"an attempt lies in the future: {brief(webhook)}")


def _check_try(
    book: Book, world: Observed, webhook: Webhook, tries: list[Attempt], turn: int, attempt: Attempt
) -> None:
    address, tally = divmod(turn, webhook.policy.attempts)
    if (attempt.url, attempt.tally) != (webhook.urls[address], tally + 1):
        book.fail(f"try {turn + 1} should be number {tally + 1} at {webhook.urls[address]}: {attempt}")
    if turn == 0:
        due = webhook.at
        if webhook.fault is not None and webhook.fault["kind"] in ("delay", "reorder"):
            due = attempt.at
    else:
        before = tries[turn - 1]
        if before.state != "failed":
            return book.fail(f"tried again after {before.state}: {brief(webhook)}")
        closed = world.account.closed[webhook.id, before.number]
        if closed is None:  # before the world was taken over: nobody knows any more when that was
            return None
        due = max(closed, before.at + round(webhook.policy.backoff * SECOND) * 2 ** (before.tally - 1))
    if attempt.at != due:
        book.fail(
            f"try {turn + 1} was due at {format_instant(due)}, made at {format_instant(attempt.at)}: {brief(webhook)}"
        )
    return None


def _status(webhook: Webhook, tries: list[Attempt]) -> str:
    """Return the status that follows from the attempts, as far as it does."""
    states = {attempt.state for attempt in webhook.attempts}
    if "delivered" in states:
        return "delivered"
    if not tries:
        return webhook.status if webhook.status in ("held", "dropped", "captured") else "held or dropped"
    if tries[-1].state == "captured":
        return "captured"
    if tries[-1].state == "failed" and len(tries) == len(webhook.urls) * webhook.policy.attempts:
        return "captured" if "captured" in states else "failed"
    return "captured" if "captured" in states else "pending"
