from dataclasses import replace

import pytest


def test_a_record_is_shown_with_whose_it_is_and_what_is_due(plane):
    job = plane.job(after=60, to="+1")
    assert plane("getResource", path={"id": job}).body == {
        "id": job,
        "provider": "toy",
        "kind": "job",
        "status": "pending",
        "due": "2026-03-15T09:01:00Z",
        "record": {"job": job, "to": "+1"},
    }


def test_nothing_is_due_at_the_end(plane):
    job = plane.job()
    plane("advanceClock", {"to": "idle"})
    shown = plane("getResource", path={"id": job}).body
    assert (shown["status"], shown["due"]) == ("done", None)


def test_records_are_listed_a_page_at_a_time(plane):
    jobs = [plane.job() for _ in range(5)]
    pages = [plane("listResources", offset=offset, limit=2).body for offset in (0, 2, 4, 6)]
    assert [page["total"] for page in pages] == [5, 5, 5, 5]
    assert [row["id"] for page in pages for row in page["resources"]] == jobs


def test_a_page_may_span_kinds(plane):
    jobs = [plane.job() for _ in range(2)]
    plane.simulation.records.put("stone", {"id": "stone-1"})
    rows = plane("listResources", offset=1, limit=5).body["resources"]
    assert [(row["kind"], row["id"]) for row in rows] == [("job", jobs[1]), ("stone", "stone-1")]
    assert rows[1]["status"] is None


@pytest.mark.parametrize(
    ("query", "total"),
    [({"kind": "stone"}, 1), ({"provider": "toy"}, 2), ({"provider": "none"}, 0), ({"kind": "x"}, 0)],
)
def test_records_are_filtered(plane, query, total):
    plane.job()
    plane.simulation.records.put("stone", {"id": "stone-1"})
    assert plane("listResources", **query).body["total"] == total


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"limit": "x"}])
def test_a_page_that_is_none_is_refused(plane, query):
    assert plane("listResources", **query).status == 422


def test_a_canceled_record_has_nothing_due(plane):
    job = plane.job()
    response = plane("cancelResource", path={"id": job})
    assert (response.status, response.body["status"], response.body["due"]) == (200, "canceled", None)
    assert plane("advanceClock", {"to": "idle"}).body["fired_count"] == 0


def test_a_record_that_vanishes_is_answered_as_gone(plane):
    job = plane.job(to="vanish")
    response = plane("cancelResource", path={"id": job})
    assert response.body == {"id": job, "provider": "toy", "kind": "job", "status": None, "due": None, "record": None}
    assert plane("getResource", path={"id": job}).status == 404


def test_too_late_a_cancel_says_which_rule_forbids_it(plane):
    job = plane.job()
    plane("advanceClock", {"to": "idle"})
    response = plane("cancelResource", path={"id": job})
    assert (response.status, response.body["rule"]) == (409, "toy.late_cancel")
    assert response.body["detail"] == "The job is done."


def test_a_kind_without_a_cancel_says_so(plane):
    plane.simulation.records.put("stone", {"id": "stone-1"})
    response = plane("cancelResource", path={"id": "stone-1"})
    assert response.status == 409
    assert "stone" in response.body["detail"]


@pytest.mark.parametrize("operation", ["getResource", "cancelResource"])
def test_an_unknown_record_is_not_found(plane, operation):
    response = plane(operation, path={"id": "nothing"})
    assert response.status == 404
    assert "GET /_mock/resources" in response.body["hint"]


def test_an_answer_that_breaks_the_document_undoes_the_cancel(plane, monkeypatch):
    job = plane.job()
    kind = plane.simulation.records.kind("job")
    broken = replace(kind, provider=7)
    monkeypatch.setitem(plane.simulation.records._kinds, "job", broken)
    assert plane("cancelResource", path={"id": job}).status == 500
    assert plane.simulation.records.get("job", job)["status"] == "pending"
