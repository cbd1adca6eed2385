"""Records: copies in and out, listed by key in order, and taken back whole."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contratempo.sim.form import Form
from contratempo.sim.records import Kind, Records
from contratempo.sim.undo import UndoLog

CHANGES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["x", "y", None]), st.integers(-3, 3)), max_size=25
)


def index(record: dict[str, Any]) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    return [((), (record["at"],)), ((record["of"],), (record["at"],))]


KINDS = {name: Kind(name, "bell", index, lambda simulation, record: record) for name in ("alarm", "call")}


@pytest.fixture(autouse=True, scope="module")
def _few_at_work():
    with patch("contratempo.sim.records.OPEN_KEPT", 2):
        yield


@pytest.fixture
def undo() -> UndoLog:
    return UndoLog()


@pytest.fixture
def records(undo: UndoLog) -> Records:
    return Records(KINDS, undo)


def put(records: Records, identifier: str, at: int = 0, of: str = "x", kind: str = "alarm", **more: Any) -> None:
    records.put(kind, {"id": identifier, "at": at, "of": of, **more})


def listed(records: Records, key: tuple[str, ...] = (), **bounds: Any) -> list[str]:
    return [record["id"] for record in records.page("alarm", key, **bounds).records]


def test_a_record_is_a_copy(records: Records):
    put(records, "a", deep={"list": [1]})
    records.get("alarm", "a")["deep"]["list"].append(2)
    assert records.get("alarm", "a")["deep"] == {"list": [1]}


def test_numbers_of_any_size_and_any_text_are_kept(records: Records):
    put(records, "a", deep=[10**40, -(10**40), 1e-300, "\x00\U0001f600", None, True, {}])
    assert records.get("alarm", "a")["deep"] == [10**40, -(10**40), 1e-300, "\x00\U0001f600", None, True, {}]


TEXTS = st.text(st.sampled_from('ab"\\:{},\x00\x01\x02\x1f\x7fé\u2028'))
VALUES = st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))


@given(st.dictionaries(TEXTS | st.sampled_from(["ab", "name", "né"]), VALUES | st.just('x"ab":"ab":')))
def test_what_is_kept_of_a_record_is_all_of_it_whatever_its_members_are_called(record: dict[str, Any]):
    form = Form(("ab", "a", "b", "name", "né"))
    kept = form.encode(record)
    assert form.decode(kept) == record
    assert form.written_out(kept) == Form().encode(record)


def test_a_name_that_most_records_have_takes_a_byte():
    plain, short = (Form(members).encode({"surname": 1, "of": {"surname": 2}}) for members in ((), ("surname",)))
    assert (plain, short) == (b'{"surname":1,"of":{"surname":2}}', b'{\x011,"of":{\x012}}')


def test_more_names_than_there_are_bytes_for_are_written_out():
    names = tuple(f"n{number}" for number in range(40))
    record = dict.fromkeys(names)
    assert Form(names).decode(Form(names).encode(record)) == record
    assert b'"n31":null' in Form(names).encode(record)


def test_what_is_not_there_is_none(records: Records):
    assert (records.get("alarm", "a"), records.find("a"), records.page("alarm")[:2]) == (None, None, (0, []))
    with pytest.raises(KeyError):
        records.delete("alarm", "a")


def test_a_record_is_found_whatever_its_kind(records: Records):
    put(records, "a", kind="call")
    kind, record = records.find("a")
    assert (kind, record["id"], len(records)) == (KINDS["call"], "a", 1)
    assert records.kind("call") is KINDS["call"]


def test_a_changed_record_moves_in_its_lists(records: Records):
    for identifier, at in (("a", 1), ("b", 2), ("c", 3)):
        put(records, identifier, at)
    put(records, "a", 9, "y")
    assert (listed(records), listed(records, ("x",)), listed(records, ("y",))) == (["b", "c", "a"], ["b", "c"], ["a"])
    records.delete("alarm", "a")
    assert listed(records, ("y",)) == []


@pytest.mark.parametrize(
    ("bounds", "total", "found"),
    [
        ({}, 5, "abcde"),
        ({"first": 2}, 4, "bcde"),
        ({"last": 2}, 3, "abc"),
        ({"first": 2, "last": 2}, 2, "bc"),
        ({"first": 9}, 0, ""),
        ({"first": 3, "last": 1}, 0, ""),
        ({"offset": 1, "limit": 2}, 5, "bc"),
        ({"offset": 4, "limit": 2}, 5, "e"),
        ({"offset": 10**30, "limit": 2}, 5, ""),
        ({"limit": 0}, 5, ""),
        ({"first": 2, "last": 3, "offset": 1, "limit": 9}, 3, "cd"),
    ],
)
def test_a_page_is_a_slice_and_the_whole_total(records: Records, bounds: dict[str, int], total: int, found: str):
    for identifier, at in zip("abcde", (1, 2, 2, 3, 4), strict=True):
        put(records, identifier, at)
    page = records.page("alarm", **bounds)
    assert (page.total, "".join(record["id"] for record in page.records)) == (total, found)


def change(records: Records, changes: list[tuple[str, str | None, int]]) -> None:
    for identifier, of, at in changes:
        if of is not None:
            put(records, identifier, at, of)
        elif at > 0:
            work(records, identifier, at)
        elif records.get("alarm", identifier) is not None:
            records.delete("alarm", identifier)


def work(records: Records, identifier: str, at: int) -> None:
    record = records.edit("alarm", identifier)
    if record is not None:
        records.put("alarm", {**record, "at": at, "of": "x" if at % 2 else "y"})


def everything(records: Records) -> list[Any]:
    return [records.dump(), *(listed(records, key) for key in ((), ("x",), ("y",)))]


@given(CHANGES, CHANGES)
def test_what_is_taken_back_is_as_it_was(first: list, then: list):
    undo = UndoLog()
    records = Records(KINDS, undo)
    change(records, first)
    undo.commit()
    before = everything(records)
    change(records, then)
    undo.roll_back()
    assert everything(records) == before


@given(CHANGES)
def test_records_at_work_are_read_as_if_stored_at_once(changes: list):
    at_once, records = Records(KINDS, UndoLog()), Records(KINDS, UndoLog())
    at_once.edit = at_once.get  # type: ignore[method-assign]
    change(at_once, changes)
    change(records, changes)
    for identifier in "abcdef":
        assert records.find(identifier) == at_once.find(identifier)
    assert everything(records) == everything(at_once)


def test_a_record_at_work_is_stored_by_put_alone(records: Records):
    put(records, "a", at=1)
    first, second = records.edit("alarm", "a"), records.edit("alarm", "a")
    first["at"] = 2
    assert (second["at"], records.get("alarm", "a")["at"], records.edit("alarm", "b")) == (1, 1, None)
    records.put("alarm", first)
    first["at"] = 3
    assert (records.edit("alarm", "a")["at"], records.get("alarm", "a")["at"]) == (2, 2)


def test_what_others_are_given_of_a_record_at_work_is_a_copy(records: Records):
    put(records, "a", deep=[1])
    records.put("alarm", records.edit("alarm", "a"))
    for given_out in (records.get("alarm", "a"), records.find("a")[1], records.page("alarm").records[0]):
        given_out["deep"].append(2)
    assert records.edit("alarm", "a")["deep"] == [1]


def test_a_record_whose_place_was_taken_is_taken_back_too(records: Records, undo: UndoLog):
    for identifier in "abc":
        put(records, identifier, at=1)
    undo.commit()
    for identifier in "abc":
        work(records, identifier, at=5)
    assert len(records._open) == 2
    undo.roll_back()
    assert [record["at"] for record in records.page("alarm").records] == [1, 1, 1]


@given(CHANGES)
def test_saved_records_are_listed_the_same(changes: list):
    records, copy = Records(KINDS, UndoLog()), Records(KINDS, UndoLog())
    change(records, changes)
    copy.load(records.dump())
    assert everything(copy) == everything(records)
    assert [(kind.name, record["id"]) for kind, record in copy] == sorted((k.name, r["id"]) for k, r in records)
