"""Refusals at the edge are in the words of whoever answers for the path, and valid against that document."""

import json
from dataclasses import replace

import pytest

from contratempo.server.edge import breaches
from contratempo.server.edge.answer import field_lines
from contratempo.server.edge.limits import LIMITS
from contratempo.server.edge.refusals import Refusals, refusals
from contratempo.server.wire import too_large

TARGETS = {
    b"/v2/ai/assistants/a/scheduled_events?x=y": "telnyx_assistants",
    b"http://127.0.0.1/v2/messages/schedule": "telnyx_messages",
    b"/v1/calls/scheduled": "temphone",
    b"/_mock/clock": "control",
    b"": "control",
    b"/%ff": "control",
}
PROBLEMS = [
    breaches.malformed("No HTTP."),
    breaches.malformed("No such expectation.", status=417),
    breaches.malformed("No tunnels.", status=405),
    breaches.too_many_connections(LIMITS),
    breaches.failed(),
    breaches.unparsed(breaches.httptools.HttpParserInvalidMethodError("x")),
    breaches.unparsed(breaches.httptools.HttpParserError("x")),
    *[
        make(LIMITS)
        for make in (
            breaches.head_too_large, breaches.too_many_headers, breaches.too_many_trailers, breaches.target_too_long,
            breaches.too_much_framing, breaches.head_too_slow, breaches.body_stopped, breaches.body_too_slow,
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: f"{problem.status} {problem.detail}")
def test_a_refusal_is_the_vendor_s_and_valid(loaded, target, problem):
    refused = refusals(loaded)(problem, target)
    provider = loaded.providers[TARGETS[target]]
    contract = loaded.catalog.contract(provider.name, "spec")
    assert contract.check_schema(provider.error_schema, json.loads(refused.body)) == ()
    assert refused.status == problem.status
    assert b"content-length: %d\r\n" % len(refused.body) in field_lines(refused.headers)


@pytest.mark.parametrize("target", [target for target in TARGETS if target.startswith(b"/v1")])
def test_what_is_wrong_is_said(loaded, target):
    refused = refusals(loaded)(breaches.too_many_headers(LIMITS), target)
    assert json.loads(refused.body) == {
        "status": "error",
        "message": "The request has more than 100 headers.",
        "data": None,
    }


def test_methods_are_told_where_none_is_known(loaded):
    problem = breaches.unparsed(breaches.httptools.HttpParserInvalidMethodError("x"))
    assert (b"allow", b"POST") in refusals(loaded)(problem, b"/v1/calls/scheduled").headers
    assert (b"allow", b"") in refusals(loaded)(problem, b"/v3").headers


def test_a_provider_that_cannot_say_it_leaves_it_to_the_control_plane(loaded):
    def fails(problem):
        raise LookupError(problem.kind)

    document = loaded.catalog.contract("temphone", "spec").document
    broken = replace(loaded.providers["temphone"], refuse=fails)
    refused = Refusals({"temphone": broken}, [document])(breaches.failed(), b"/v1/calls/scheduled")
    assert json.loads(refused.body)["type"] == "urn:contratempo:problem:internal"


def test_a_body_too_large_is_foreseen_by_every_operation(loaded):
    """It may come with any request; an answer that no document foresees would be a failure of ours."""
    for name in loaded.providers:
        contract = loaded.catalog.contract(name, "spec")
        refused = loaded.providers[name].refuse(too_large(9))
        headers = tuple(refused.headers.items())
        for operation in contract.document.operations:
            assert contract.check_response(operation, 413, refused.media_type, refused.body, headers) == (), operation
