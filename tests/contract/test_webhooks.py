"""Bodies of webhooks."""

from pathlib import Path

import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import make_document, read_document

SPECS = Path(__file__).parents[2] / "specs"
WHEN = "2026-03-16T15:00:00Z"


def webhook(schema, media_type="application/json"):
    content = {media_type: {"schema": schema}}
    return {"post": {"requestBody": {"content": content}, "responses": {"2XX": {"description": "fine"}}}}


@pytest.fixture
def contract(tools):
    """A document with webhooks of several shapes."""
    schema = {"type": "object", "required": ["at"], "properties": {"at": {"type": "string", "format": "date-time"}}}
    webhooks = {
        "thing.done": webhook({"$ref": "#/components/schemas/Event"}),
        "a/b~c%20": webhook({"const": 1}),
        "never": webhook(False),
        "text": webhook({}, "text/plain"),
        "got": {"get": {"responses": {"2XX": {"description": "fine"}}}},
    }
    tree = tools.document_of(components={"schemas": {"Event": schema}}, webhooks=webhooks)
    return Contract(make_document("example", tree, Path("example.yaml")))


def test_a_body_as_described_is_fine(contract):
    assert contract.check_webhook("thing.done", {"at": WHEN}) == ()


def test_what_breaks_the_schema_is_told_where(contract, tools):
    assert tools.told(contract.check_webhook("thing.done", {})) == [("body", "/at", "required")]
    assert tools.told(contract.check_webhook("thing.done", [])) == [("body", "", "type")]
    assert tools.told(contract.check_webhook("never", 1)) == [("body", "", "false")]


def test_a_date_time_without_offset_is_refused(contract, tools):
    assert tools.told(contract.check_webhook("thing.done", {"at": WHEN[:-1]})) == [("body", "/at", "format")]


def test_what_is_no_json_is_told(contract, tools):
    assert tools.told(contract.check_webhook("thing.done", {"at": "\udcff"})) == [("body", "", "json")]


def test_an_event_may_have_any_name(contract, tools):
    assert contract.check_webhook("a/b~c%20", 1) == ()
    assert tools.told(contract.check_webhook("a/b~c%20", 2)) == [("body", "", "const")]


@pytest.mark.parametrize("event", ["thing.undone", "", "text", "got", "thing.done/post", "\udcff", "x" * 10_000])
def test_an_event_that_is_not_described_is_one_violation(contract, event):
    for _ in range(2):
        (violation,) = contract.check_webhook(event, {"at": WHEN})
        assert (violation.kind, violation.value, contract.line_of(violation)) == ("undocumented-webhook", event, None)
        assert "thing.done" in violation.message


def test_a_document_without_webhooks_says_so(tools):
    (violation,) = tools.contract_of().check_webhook("thing.done", {})
    assert violation.message == "the webhook is not documented; documented: none"


def test_a_vendors_webhook_names_the_line_of_its_overlay():
    files, overlay = [SPECS / "temphone/calls.yaml"], SPECS / "overlays/temphone.yaml"
    contract = Contract(read_document("temphone", files, [overlay], validate=False))
    lines = [contract.line_of(violation) for violation in contract.check_webhook("call.started", {})]
    written = overlay.read_text().splitlines()
    assert len(lines) >= 2
    for line in lines:
        file, _, number = line.partition(":")
        assert file == "overlays/temphone.yaml"
        assert "required: [event" in written[int(number) - 1]
