"""Odd methods, paths, queries and headers: each is answered as the document says, and never with a failure."""

import os
from typing import Final

import pytest

FULL = os.environ.get("CONTRATEMPO_TEST_TIER") == "full"
FEW: Final = ("create_scheduled_event", "RetrieveMessage", "scheduleCall", "setClock")
METHODS: Final = (
    "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "M-SEARCH", "BREW", "get", "Post", "G", "X" * 8_000, "GET,POST", "*",
)  # fmt: skip
MANY: Final = 10_000 if FULL else 2_000
QUERIES: Final = {
    "a huge value": b"x=" + b"y" * 60_000,
    "a huge name": b"y" * 60_000 + b"=x",
    "many parameters": b"&".join(b"a%d=%d" % (number, number) for number in range(MANY)),
    "the same many times": b"&".join([b"limit=1"] * MANY),
    "many members": b"&".join(b"page[a%d]=1" % number for number in range(MANY)),
    "many numbers of a page": b"&".join([b"page[number]=1"] * MANY),
    "nothing but separators": b"&" * 60_000,
    "nothing but equals": b"=" * 60_000,
    "nothing but brackets": b"page" + b"[" * 30_000 + b"]" * 30_000 + b"=1",
    "deep members": b"page" + b"[a]" * 10_000 + b"=1",
    "a bare name": b"page=1&page[size]=1",
    "no member": b"page[]=1&page[][]=2&page[=3&page]=4",
    "a member of nothing": b"[size]=1&[]=2",
    "members of members": b"page[size][number]=1&page[[size]]=1",
    "twice, not the same": b"limit=1&limit=2&page[size]=1&page[size]=2&offset=x&offset=0",
    "no percent-encoding": b"limit=%&a=%z1&b=%1&%=%&page[size]=%%%",
    "twice encoded": b"limit=%2531&page%255Bsize%255D=1",
    "encoded brackets": b"page%5Bsize%5D=1&page%5bnumber%5d=1",
    "no UTF-8": b"limit=%ff&%ff=1&page[%ff]=%c0%80",
    "raw bytes": b"limit=\xff\x00\r\n&x=\x80",
    "NUL": b"limit=%00&%00=1&resource=%00&from=%00",
    "separators of others": b"limit=1;offset=2;a",
    "other digits": "limit=١&page[size]=１&offset=²".encode(),
    "numbers of Python": b"limit=1_0&page[size]=+1&offset=0x1&page[number]=1e1",
    "infinity": b"limit=inf&page[size]=nan&offset=-inf&since=1e999",
    "out of range": b"limit=0&offset=-1&page[size]=0&page[number]=0&since=-1",
    "far out of range": b"limit=" + b"9" * 4_000 + b"&offset=" + b"9" * 5_000 + b"&since=99999999999999999999",
    "the last page": b"page[number]=9223372036854775807&page[size]=250",
    "pages beyond": b"page[number]=" + b"9" * 300,
    "minus nothing": b"limit=-0&offset=-0&page[number]=-1",
    "a question": b"?limit=1?&??",
    "a plus": b"from=2026-03-15T09:00:00+00:00&conversation_channel=phone+call",
    "instants at the ends": b"from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59-23:59",
}
CONTENT_TYPES: Final = (
    "application/json; x", "application/json;", "application/json; a=b=c", "application/json; charset=bogus",
    'application/json; charset="', "application/json; charset=utf-16", "APPLICATION/JSON", " application/json",
    "application/json, text/plain", "application", "/", "*/*", "application/*", ";", "", "a" * 10_000, "\xff\xfe",
    "application/vnd.api+json", "text/json", "application/json\x0b", "multipart/form-data",
    "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "application/problem+json",
    "application/json/json",
)  # fmt: skip
ODD: Final = (
    "",
    " ",
    ",",
    ";",
    "=",
    "*",
    "%00",
    "%",
    "\xff\xfe",
    "x" * 60_000,
    "x," * 20_000,
    "q=",
    ";q=2",
    '"',
    "\\",
    "\t",
)
HEADERS: Final = (
    "accept", "accept-charset", "accept-encoding", "accept-language", "content-encoding", "content-language",
    "cookie", "expect", "range", "if-none-match", "if-modified-since", "te", "upgrade", "x-forwarded-for",
    "x-forwarded-host", "forwarded", "x-http-method-override", "user-agent", "referer", "idempotency-key",
    "last-event-id", "x-mock-world", "x-mock-token", "origin", "host", "sec-fetch-site", "authorization",
    "telnyx-timestamp", "telnyx-signature-ed25519",
)  # fmt: skip
AUTHORIZATIONS: Final = (
    "Bearer", "Bearer ", "Bearer  key", "bearer key", "Bearer key key", "Bearer\tkey", "Basic a2V5OmtleQ==",
    "Basic x", "key", "Bearer \xff", "Bearer " + "k" * 60_000, "Bearer key, Bearer key", "Bearer ,", 'Bearer "',
    "Bearer \x7f", "Digest",
)  # fmt: skip
PATHS: Final = (
    "/", "", "//", "/v2", "/v2/", "/v2//messages", "/v2/messages/", "/%", "/%zz", "/v2/%00", "/v2/messages/%ff",
    "/\xff", "/v2/messages/" + "x" * 60_000, "/v2" * 20_000, "/" * 60_000, "/v2/messages/../../etc", "/_mock",
    "/_mock/", "/v2/messages/%2e%2e/%2e%2e", "/_mock/nothing", "/_MOCK/clock", "/_mock/clock/", "/_mock//clock",
    "/_mock/%63lock", "/_mock/worlds/%00", "/_mock/worlds/\x00", "/_mock/resources/%0d%0a",
    "/_mock/sink/%2e%2e%2f", "*", "/_mock/page/../../page.py", "/_mock/page/%2e%2e/page.py",
    "/_mock/page//etc/passwd", "/_mock/docs/../../x", "http://h/v2/messages",
)  # fmt: skip
ENCODINGS: Final = ("gzip", "br", "deflate, gzip", "identity", "x" * 100, "\xff")
EVENT: Final = {
    "telnyx_conversation_channel": "phone_call", "telnyx_end_user_target": "+12125550101",
    "telnyx_agent_target": "+12125550100", "scheduled_at_fixed_datetime": "2026-03-16T10:00:00Z",
}  # fmt: skip


def quick(attack):
    """The operations that answer at once and leave the world as it is."""
    slow = ("streamEvents", "waitForRequests", "resetWorld", "createWorld")
    return [target for target in attack.targets if target.operation not in slow]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method[:10])
def test_a_method_that_a_path_does_not_have_is_405_and_says_which_it_has(attack, method):
    for target in attack.targets:
        answer = attack(target, method=method)
        assert (answer.status, target.method in answer.headers["allow"]) == (405, True), target


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_is_more_than_a_refusal(attack, name):
    few = [target for target in quick(attack) if FULL or target.method == "GET" or target.operation in FEW]
    for target in few:  # of those that change something most take no query
        attack(target, query=QUERIES[name])


@pytest.mark.parametrize("kind", CONTENT_TYPES, ids=lambda kind: repr(kind[:30]))
def test_no_content_type_is_more_than_a_refusal(attack, kind):
    for target in quick(attack):
        attack(target, b"{}", headers={"content-type": kind})


@pytest.mark.parametrize("name", HEADERS)
def test_no_value_of_a_header_is_more_than_a_refusal(attack, name):
    for value in ODD:
        for target in quick(attack) if FULL else map(attack.target, FEW):
            attack(target, b"{}" if target.takes_body else None, headers={name: value})


@pytest.mark.parametrize("authorization", AUTHORIZATIONS, ids=lambda text: repr(text[:20]))
def test_no_authorization_is_more_than_a_refusal(attack, authorization):
    for target in quick(attack):
        attack(target, headers={"authorization": authorization})


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda text: repr(text[:10]))
def test_a_body_is_never_inflated(attack, encoding):
    """A bomb in gzip is bytes that are no JSON, whatever is said of it."""
    bomb = bytes.fromhex("1f8b08000000000000ff") + b"\x00" * 1_000
    for target in quick(attack):
        answer = attack(target, bomb, headers={"content-encoding": encoding})
        assert not target.takes_body or answer.status >= 400, target


@pytest.mark.parametrize(
    "key",
    ["", " ", "k" * 255, "k" * 256, "k" * 1_000_000, "\xe9", "\xff\xfe", "\x00", "a\tb", "a,b", '"', "%0d%0a", "\x7f"],
    ids=lambda key: repr(key[:10]),
)  # fmt: skip
def test_no_idempotency_key_is_more_than_a_refusal(attack, key):
    for operation, body in (("create_scheduled_event", EVENT), ("SendMessage", {"to": "+12125550101"})):
        first, again = (attack(operation, json_body=body, headers={"idempotency-key": key}) for _ in range(2))
        assert first.status == again.status
        assert (first.status < 300) is (again.raw == first.raw and first.status < 300)


def test_headers_sent_twice_are_answered(attack):
    for name in (b"authorization", b"content-type", b"idempotency-key", b"x-mock-world", b"host", b"accept", b"cookie"):
        for target in quick(attack):
            attack(target, b"{}", more_headers=[(name, b"default"), (name, b"another"), (name, b"")])


def test_many_headers_are_answered(attack):
    more = [(b"x-%d" % number, b"x") for number in range(MANY)]
    for target in quick(attack):
        attack(target, more_headers=more)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: repr(path[:40]))
def test_no_path_is_more_than_not_found(attack, path):
    for target in ("create_scheduled_event", "ScheduleMessage", "scheduleCall", "getClock"):
        answer = attack.run(attack.target(target).method, path)
        assert answer.status in (200, 307, 400, 401, 404, 405, 422), answer
        assert b"root:" not in answer.raw
        assert b"import" not in answer.raw
