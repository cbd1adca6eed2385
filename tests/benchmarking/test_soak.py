"""The soak and the stories: what counts as growth, as an error, as a flake."""

from collections import Counter
from pathlib import Path

import hostile
import pytest
import soak
import stories


def test_the_slope_is_in_megabytes_for_a_hundred_thousand_operations():
    assert soak.slope([(number * 1_000, 50_000_000 + number * 20_000) for number in range(20)]) == pytest.approx(2.0)
    assert soak.slope([(1, 5), (2, 5)]) == 0
    assert soak.slope([(1, 5)]) == 0


def test_quantiles_of_tenths_of_a_millisecond():
    tenths = Counter({5: 98, 20: 1, 300: 1})
    assert (soak.quantile(tenths, 0.5), soak.quantile(tenths, 0.99), soak.quantile(tenths, 1)) == (0.5, 2.0, 30.0)
    assert soak.quantile(Counter(), 0.5) == 0


def test_a_server_error_is_an_error_and_a_refusal_is_none():
    tally, call = soak.Tally(), hostile.Call("hostile", b"", "POST /x")
    tally.answered(call, 422, 0.001)
    tally.answered(call, 503, 0.001)
    assert (tally.done, tally.wrong, tally.errors) == (2, 1, ["hostile: POST /x: answered 503"])


@pytest.mark.parametrize(("grown", "errors", "code"), [(0, 0, 0), (900_000, 0, 0), (1_000_000, 0, 1), (0, 1, 1)])
def test_a_soak_fails_by_growth_or_by_any_error(grown: int, errors: int, code: int):
    tally = soak.Tally(samples=[(number * 100_000, 10**8 + number * grown) for number in range(1, 10)])
    for _ in range(errors):
        tally.failed(hostile.Call("call", b"", "GET /"), "no answer")
    assert soak._verdict(tally, 1) == code


def test_a_soak_with_too_few_samples_proves_nothing():
    assert soak._verdict(soak.Tally(samples=[(number, 1) for number in range(1, 9)]), 1) == 1


@pytest.mark.parametrize(
    ("answer", "status"), [(b"HTTP/1.1 404 Not Found\r\n", 404), (b"\x15\x03", 599), (b"HTTP/1.1 abc", 599)]
)
def test_what_is_no_status_line_counts_as_a_server_error(answer: bytes, status: int):
    assert soak._status(answer) == status


def test_a_report_of_stories_names_the_flaky_runs(tmp_path: Path):
    (tmp_path / "report.xml").write_text(
        '<testsuites><testsuite><testcase name="a[1]" time="0.5"/><testcase name="a[2]" time="0.25">'
        '<failure message="assert 1 == 2"/></testcase></testsuite></testsuites>',
        "utf-8",
    )
    assert stories.read(tmp_path / "report.xml") == stories.Outcome(2, (("a[2]", "assert 1 == 2"),), (0.25, 0.5))


class Line:
    """A connection that answers what it was given, piece by piece; an exception is raised, b"" is a hang-up."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces, self.sent, self.closed = list(pieces), b"", False

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, _: int) -> bytes:
        piece = self.pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        return piece

    def close(self) -> None:
        self.closed = True


def sent_over(line: Line) -> soak.Tally:
    worker = soak.Worker(1, 1, "seed", soak.Tally())
    worker._open = line
    worker.send(hostile.request("call", "GET", "/v2/x"))
    assert line.sent.startswith(b"GET /v2/x HTTP/1.1\r\n")
    return worker._tally


def test_an_answer_in_pieces_is_one_answer():
    tally = sent_over(Line(b"HTTP/1.1 404 Not Found\r\nContent-Le", b"ngth: 2\r\n\r\n{", b"}"))
    assert (tally.done, tally.wrong, dict(tally.statuses)) == (1, 0, {("call", 404): 1})
    assert tally.tenths.total() == 1


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ((b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",), "answered 500"),
        ((b"HTTP/1.1 200 OK\r\n", b""), "the connection was closed: after b'HTTP/1.1 200 OK\\r\\n'"),
        ((ConnectionResetError("reset"),), "the connection was closed: reset"),
        ((TimeoutError(),), "no answer within 20 s"),
    ],
)
def test_errors_hangs_and_hang_ups_are_counted(pieces: tuple[bytes | Exception, ...], why: str):
    assert sent_over(Line(*pieces)).errors == [f"call: GET /v2/x: {why}"]


def test_a_server_may_close_when_it_says_so():
    line = Line(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    assert sent_over(line).wrong == 0
    assert line.closed
