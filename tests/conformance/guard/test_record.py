"""The record outlives a crash, and cleaning up works from it: what is listed, what was lost, what cannot be removed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contratempo.conformance.door import Asked, Refused
from contratempo.conformance.guard.clean import Cleaned, Cleaner
from contratempo.conformance.guard.record import RecordError, read_record
from contratempo.conformance.wire import Answer

EVENTS = "/ai/assistants/mine/scheduled_events"


def cleaned(here: Any) -> Cleaned:
    done = Cleaned()
    cleaner = Cleaner(here.upstream, here.base, "t", here.guard.pace, here.record)
    for left in read_record(here.record.file):
        cleaner.clean(left, done)
    return done


def answering(table: dict[str, tuple[int, Any]]) -> Callable[[Asked], Answer]:
    """Return answers by method and path without query; else 404."""

    def says(asked: Asked) -> Answer:
        status, body = table.get(f"{asked.method} {asked.target.partition('?')[0]}", (404, {}))
        return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())

    return says


def test_the_intent_is_on_disk_before_the_request_goes_and_the_id_before_its_answer(post: Any) -> None:
    here = post()
    at_upstream: list[str] = []
    created = here.upstream.says
    here.upstream.says = lambda asked: (at_upstream.append(here.record.file.read_text()), created(asked))[1]
    here.ask("POST", EVENTS, here.good())
    assert '"intent":1' in at_upstream[0]
    assert '"made"' not in at_upstream[0]
    assert read_record(here.record.file)[0].made == {"e1": EVENTS}


def test_the_token_is_not_in_the_record(post: Any) -> None:
    here = post()
    here.ask("POST", EVENTS, here.good())
    assert "the-token" not in here.record.file.read_text()
    assert here.record.file.stat().st_mode & 0o077 == 0


def test_what_is_refused_leaves_nothing_to_clean(post: Any) -> None:
    here = post()
    here.upstream.says = lambda _: Answer(422, {}, b"{}")
    here.ask("POST", EVENTS, here.good())
    assert [(left.made, left.open) for left in read_record(here.record.file)] == [({}, [])]


def test_a_create_whose_answer_was_lost_is_found_by_its_mark_and_removed(post: Any) -> None:
    here = post()
    here.upstream.says = lambda _: Answer(0)
    here.ask("POST", EVENTS, here.good(conversation_metadata={"contratempo": "run-1"}))
    marked = [{"scheduled_event_id": f"e{n}", "conversation_metadata": {"contratempo": f"run-{n}"}} for n in (0, 1)]
    here.upstream.says = answering({"GET /v2" + EVENTS: (200, {"data": marked}), f"DELETE /v2{EVENTS}/e1": (204, {})})
    assert cleaned(here) == Cleaned(["e1"], [])
    assert [asked.target for asked in here.upstream.seen if asked.method == "DELETE"] == [f"/v2{EVENTS}/e1"]


def test_one_that_nothing_marks_is_told(post: Any) -> None:
    here = post("telnyx_messages")
    here.upstream.says = lambda _: Answer(503)
    here.ask("POST", here.place, here.good())
    assert "its answer was lost" in cleaned(here).left[0]


@pytest.mark.parametrize(("status", "shown", "gone"), [(404, (404, {}), True), (500, (200, {}), False)])
def test_cleaning_twice_is_as_good_as_once(status: int, shown: Any, gone: bool, post: Any) -> None:
    here = post()
    here.ask("POST", EVENTS, here.good())
    here.upstream.says = answering({f"DELETE /v2{EVENTS}/e1": (status, {}), f"GET /v2{EVENTS}/e1": shown})
    first, second = cleaned(here), cleaned(here)
    assert (first.removed == ["e1"]) is gone
    assert second.removed == []
    assert bool(second.left) is not gone


def test_a_message_that_is_cancelled_already_is_gone(post: Any) -> None:
    here = post("telnyx_messages")
    here.ask("POST", here.place, here.good())
    shown = (200, {"data": {"to": [{"status": "cancelled"}]}})
    here.upstream.says = answering({"DELETE /v2/messages/m1": (403, {}), "GET /v2/messages/m1": shown})
    assert cleaned(here) == Cleaned(["m1"], [])


def test_temphone_has_nothing_to_remove_by_and_says_so(post: Any) -> None:
    here = post("temphone")
    here.ask("POST", here.place, here.good())
    assert cleaned(here).left == [
        "c1: temphone has no operation that removes, so they will happen: cancel them by other means"
    ]


def test_a_line_that_a_crash_cut_off_is_passed_over(post: Any, tmp_path: Path) -> None:
    here = post()
    here.ask("POST", EVENTS, here.good())
    with here.record.file.open("a") as out:
        out.write('{"intent":2,"pa')
    here.record.begin("telnyx_assistants", "https://deployment.example/v2", "later")
    here.ask("POST", EVENTS, here.good())
    assert read_record(here.record.file)[0].made == {"e1": EVENTS, "e2": EVENTS}


def test_a_file_that_is_no_record_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text('{"made": 1, "id": "x"}\n')
    with pytest.raises(RecordError, match="does not begin"):
        read_record(other)
    with pytest.raises(RecordError, match="cannot be read"):
        read_record(tmp_path / "missing")


def test_a_429_is_obeyed_and_after_the_third_nobody_asks(post: Any) -> None:
    here = post()
    here.upstream.says = lambda _: Answer(429, {"retry-after": "30"}, b"{}")
    answers = [here.ask("GET", EVENTS) for _ in range(3)]
    assert all(answer.headers["x-contract-guard"].startswith("upstream") for answer in answers)
    assert here.upstream.at == [0, 30, 60]
    with pytest.raises(Refused, match="429"):
        here.ask("GET", EVENTS)
    assert len(here.upstream.seen) == 3


@pytest.mark.parametrize("after", ["3600", "Fri, 15 Mar 2030 12:00:00 GMT"])
def test_one_that_asks_for_long_is_not_asked_again(after: str, post: Any) -> None:
    here = post()
    here.upstream.says = lambda _: Answer(429, {"retry-after": after}, b"{}")
    here.ask("GET", EVENTS)
    with pytest.raises(Refused, match="429"):
        here.ask("GET", EVENTS)


@pytest.mark.parametrize("last", [(200, {"data": []}), (422, {"detail": "Invalid page."})])
def test_a_create_whose_answer_was_lost_is_found_on_pages_shorter_than_asked_for(post: Any, last: Any) -> None:
    here = post()
    here.upstream.says = lambda _: Answer(0)
    here.ask("POST", EVENTS, here.good(conversation_metadata={"contratempo": "run-1"}))
    events = [{"scheduled_event_id": f"e{n}", "conversation_metadata": {"contratempo": f"run-{n}"}} for n in (0, 1)]
    pages = [(200, {"data": [each], "meta": {"total_pages": 3}}) for each in events] + [last]

    def says(asked: Asked) -> Answer:
        status, page = (204, {}) if asked.method == "DELETE" else pages[int(asked.target[-1]) - 1]
        return Answer(status, {}, json.dumps(page).encode())

    here.upstream.says = says
    assert cleaned(here) == Cleaned(["e1"], [])
    assert [asked.target[-1] for asked in here.upstream.seen if asked.method == "GET"] == ["1", "2", "3"]
