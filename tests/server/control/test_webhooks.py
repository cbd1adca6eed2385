import base64

import pytest

from contratempo.server.signing import Signer
from contratempo.sim import sending
from contratempo.sim.webhooks import ATTEMPTS_KEPT, DONE, Policy

URLS = ("http://first.example/hook", "http://second.example/hook")


class Emitter:
    """A provider that does nothing but send."""

    def call(self, simulation, operation, request):
        body = {"about": request["resource"]}
        return sending.emit(simulation, "toy", operation, request["resource"], URLS, lambda identifier: body, Policy())


@pytest.fixture
def emit(plane):
    """Send a webhook of the default world and return its id."""
    plane.service.providers["emitter"] = Emitter()

    def emit(event="job.done", resource="job-1"):
        command = {"kind": "call", "provider": "emitter", "operation": event, "request": {"resource": resource}}
        return plane.simulation.apply({**command, "at": plane.simulation.now})

    return emit


def receipt(plane, webhook, attempt=1, **receipt):
    simulation = plane.simulation
    command = {"kind": "receipt", "webhook": webhook, "attempt": attempt, "receipt": receipt}
    assert simulation.apply({**command, "epoch": simulation.epoch, "branch": simulation.branch})


def test_a_webhook_is_shown_with_its_attempts(plane, emit):
    webhook = emit()
    receipt(plane, webhook, state="failed", status=500, reason="status 500", seconds=0.25, answer="oops")
    shown = plane("getWebhook", path={"id": webhook}).body
    attempt = {"number": 1, "tally": 1, "url": URLS[0], "at": "2026-03-15T09:00:00Z", "state": "failed", "extra": False}
    assert shown == {
        "id": webhook,
        "number": 1,
        "provider": "toy",
        "event": "job.done",
        "resource": "job-1",
        "at": "2026-03-15T09:00:00Z",
        "urls": list(URLS),
        "status": "pending",
        "fault": None,
        "body": {"about": "job-1"},
        "attempts": [{**attempt, "status": 500, "reason": "status 500", "seconds": 0.25, "answer": "oops"}],
    }
    assert plane("listWebhooks").body == {"total": 1, "webhooks": [shown]}


def test_webhooks_are_filtered(plane, emit):
    first, second, third = emit(), emit(resource="job-2"), emit("job.begun")
    receipt(plane, second, state="delivered", status=200)

    def found(**query):
        answer = plane("listWebhooks", **query).body
        assert answer["total"] == len(answer["webhooks"])
        return [webhook["id"] for webhook in answer["webhooks"]]

    assert found() == [first, second, third]
    assert found(event="job.done") == [first, second]
    assert found(resource="job-1") == [first, third]
    assert found(status="delivered") == [second]
    assert found(provider="toy", resource="job-2", status="pending") == []
    assert found(provider="other") == []


def test_more_than_the_limit_are_the_latest_or_those_after_a_number(plane, emit):
    webhooks = [emit() for _ in range(4)]

    def numbers(**query):
        answer = plane("listWebhooks", **query).body
        return answer["total"], [webhook["number"] for webhook in answer["webhooks"]]

    assert numbers(limit=2) == (4, [3, 4])
    assert numbers(limit=2, since=1) == (3, [2, 3])
    assert plane("listWebhooks", since=3).body["webhooks"][0]["id"] == webhooks[3]


def test_a_fault_that_struck_is_named(plane, emit):
    fault = plane("addFault", {"fault": {"kind": "drop"}}).body
    webhook = plane("getWebhook", path={"id": emit()}).body
    assert (webhook["status"], webhook["attempts"]) == ("dropped", [])
    assert webhook["fault"] == {"id": fault["id"], "kind": "drop"}
    assert plane("listFaults").body["faults"][0]["struck"] == 1


def test_a_webhook_is_sent_once_more(plane, emit):
    webhook = emit()
    receipt(plane, webhook, state="delivered", status=200)
    head = plane.simulation.head
    again = plane("redeliverWebhook", path={"id": webhook}).body
    assert plane.simulation.head == head + 1
    assert [(attempt["number"], attempt["state"], attempt["extra"]) for attempt in again["attempts"]] == [
        (1, "delivered", False),
        (2, "sending", True),
    ]
    assert plane("getWebhook", path={"id": webhook}).body == again


def test_a_webhook_has_an_end_of_attempts(plane, emit):
    webhook = emit()
    for _ in range(ATTEMPTS_KEPT - 1):
        assert plane("redeliverWebhook", path={"id": webhook}).status == 200
    head, refused = plane.simulation.head, plane("redeliverWebhook", path={"id": webhook})
    assert (refused.status, refused.body["type"]) == (409, "urn:contratempo:problem:attempts-used-up")
    assert plane.simulation.head == head
    assert len(plane("getWebhook", path={"id": webhook}).body["attempts"]) == ATTEMPTS_KEPT


@pytest.mark.parametrize("operation", ["getWebhook", "redeliverWebhook"])
def test_a_webhook_that_is_not_there_is_told(plane, emit, operation):
    emit()
    response = plane(operation, path={"id": "none"})
    assert (response.status, response.body["detail"]) == (404, "This world has no webhook 'none'.")
    assert plane("listWebhooks").body["total"] == 1


def test_webhooks_go_with_a_reset(plane, emit):
    emit()
    plane("resetWorld")
    assert plane("listWebhooks").body == {"total": 0, "webhooks": []}


def test_the_public_key_is_the_servers(plane):
    key = plane("getPublicKey").body["public_key"]
    assert key == Signer.derived("a seed").public_key
    assert len(base64.b64decode(key)) == 32


def test_the_document_knows_every_status_there_is(plane):
    schema = plane.service.contract.document.tree["components"]["schemas"]["WebhookStatus"]
    assert set(schema["enum"]) == {"pending", "held", *DONE}
