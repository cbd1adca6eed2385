"""Cleaning up, as often as you like: what a record lists is removed, creates whose answer was lost are looked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from contratempo.conformance.exchange import read_json
from contratempo.conformance.guard.pace import Pace
from contratempo.conformance.guard.record import MARK, Left, Record
from contratempo.conformance.wire import Answer, Unreachable, Wire

Json: TypeAlias = Any

_MOST_PAGES: Final = 200
_REMOVED: Final = ("cancelled", "canceled")
_PLACES: Final[dict[str, Callable[[str, str], str]]] = {
    "telnyx_assistants": lambda path, identifier: f"{_quoted(path)}/{quote(identifier, safe='')}",
    "telnyx_messages": lambda _, identifier: f"/messages/{quote(identifier, safe='')}",
}
"""Where a record is removed, by the path that it was created at; who is not here has no operation for it."""


@dataclass
class Cleaned:
    """What was removed, and what is left with the reason."""

    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


class Cleaner:
    """Speaks to one deployment; it reads lists and records, removes, and does nothing else."""

    def __init__(self, wire: Wire, prefix: str, token: str, pace: Pace, record: Record) -> None:
        self._wire, self._prefix, self._pace, self._record = wire, prefix, pace, record
        self._headers = {"authorization": f"Bearer {token}"}

    def clean(self, left: Left, done: Cleaned) -> None:
        """Remove what is left, as far as it can be; Refused or Unreachable when no more is to be asked."""
        if left.provider not in _PLACES:
            if left.made:
                told = f"{left.provider} has no operation that removes, so they will happen: cancel them by other means"
                done.left.append(f"{', '.join(left.made)}: {told}")
            done.left += [f"POST {path}: its answer was lost, and {left.provider} has no list" for path, _ in left.open]
            return
        wanted = dict(left.made)
        for path, mark in left.open:
            wanted |= self._lost(left.provider, path, mark, done)
        for identifier, path in wanted.items():
            self._remove(_PLACES[left.provider](path, identifier), identifier, done)

    def _remove(self, place: str, identifier: str, done: Cleaned) -> None:
        answer = self._ask("DELETE", place)
        if 200 <= answer.status < 300 or self._is_gone(answer, place):
            self._record.gone(identifier)
            done.removed.append(identifier)
        else:
            done.left.append(f"{identifier}: DELETE {place} was answered {answer.status or 'not at all'}")

    def _is_gone(self, answer: Answer, place: str) -> bool:
        if answer.status in (404, 410):
            return True
        body = (
            read_json(self._ask("GET", place).content) if 400 <= answer.status < 500 and answer.status != 401 else None
        )
        data = body.get("data", body) if isinstance(body, dict) else None
        if not isinstance(data, dict):
            return False
        receivers = data.get("to")
        far = (
            [each.get("status") for each in receivers if isinstance(each, dict)] if isinstance(receivers, list) else []
        )
        return bool(set(_REMOVED) & {data.get("status"), *far})

    def _lost(self, provider: str, path: str, mark: Json, done: Cleaned) -> dict[str, str]:
        if provider != "telnyx_assistants" or not isinstance(mark, str):
            done.left.append(
                f"POST {path}: its answer was lost, and there is nothing to find it by: look for it yourself"
            )
            return {}
        return {str(each["scheduled_event_id"]): path for each in self._listed(path) if _is_marked(each, mark)}

    def _listed(self, path: str) -> Iterator[dict[str, Json]]:
        for number in range(1, _MOST_PAGES + 1):
            query = f"page%5Bsize%5D=100&page%5Bnumber%5D={number}"
            body = read_json(self._ask("GET", f"{_quoted(path)}?{query}").content)
            rows = body.get("data") if isinstance(body, dict) else None
            if number > 1 and not isinstance(rows, list):
                return  # a page beyond the last may be refused
            if not isinstance(rows, list):
                raise Unreachable(f"{path} cannot be listed, so what was created there cannot be found")
            yield from (row for row in rows if isinstance(row, dict) and row.get("scheduled_event_id"))
            if not rows or (len(rows) < 100 and number >= _pages(body)):
                return

    def _ask(self, method: str, target: str) -> Answer:
        while True:
            self._pace.wait()
            answer = self._wire.send(method, self._prefix + target, self._headers, b"")
            if answer.status != 429:
                return answer
            self._pace.slow_down(answer.headers.get("retry-after", ""))


def _pages(body: Json) -> float:
    """Return how many pages a list says that it has: a deployment may make them shorter than was asked for."""
    meta = body.get("meta")
    told = meta.get("total_pages") if isinstance(meta, dict) else None
    return told if isinstance(told, int | float) else 1


def _is_marked(row: dict[str, Json], mark: str) -> bool:
    metadata = row.get("conversation_metadata")
    return isinstance(metadata, dict) and metadata.get(MARK) == mark


def _quoted(path: str) -> str:
    return quote(path, safe="/")
