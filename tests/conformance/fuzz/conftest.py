"""The stock schemathesis command line, run in a directory of its own, and what its reports say."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

RULE = re.compile(r"\brule ([a-z_]+\.[a-z_]+)")
SECONDS = 3600
IGNORED_AUTH = " (our own mock takes any token unless it is started with --known-key)"
# The token comes by the environment: on the command line every user of the machine could read it.
CONFIGURATION = """\
[headers]
Authorization = "Bearer ${SCHEMATHESIS_TOKEN}"
"""
# One wait lasts up to five real seconds, and nearly all that the coverage phase makes up are in vain.
FEWER_WAITS = """\
[[operations]]
include-operation-id = "waitForRequests"
generation.max-examples = 1
phases.coverage.enabled = false
"""


@dataclass(frozen=True)
class Finding:
    """A failure that schemathesis reports, with the exchange that shows it."""

    operation: str
    code: str
    phase: str
    message: str
    method: str
    url: str
    sent: str
    status: int | None
    trace: str
    answer: str

    @property
    def rule(self) -> str | None:
        """Return the full name of the rule that the answer's trace names."""
        found = RULE.search(self.trace)
        return found and found[1]

    def __str__(self) -> str:
        return (
            f"{self.operation}: {self.code} in {self.phase}: {self.message}\n"
            f"  {self.method} {self.url}\n  sent: {self.sent[:2000]}\n"
            f"  answered {self.status}: {self.answer[:2000]}\n  trace: {self.trace or 'none'}"
        )


@dataclass(frozen=True)
class Report:
    """A run: its findings, the status of each phase, and the links followed as (operation, name)."""

    findings: tuple[Finding, ...]
    phases: dict[str, str]
    followed: frozenset[tuple[str, str]]
    generated: int

    def __str__(self) -> str:
        shown = {(finding.operation, finding.code, finding.status): finding for finding in self.findings}
        hint = IGNORED_AUTH if any(code == "ST401" for _, code, _ in shown) else ""
        return f"{len(self.findings)} findings in {self.generated} cases{hint}\n" + "\n".join(map(str, shown.values()))


@dataclass
class Fuzzer:
    """Runs in `place`, where schemathesis keeps its cache; `token` is what requests carry."""

    place: Path
    token: str
    runs: int = field(default=0)

    def run(
        self, document: str, *options: str, examples: int, seed: int, url: str | None = None, waits: bool = True
    ) -> Report:
        """Fuzz what serves a document (an address, or a file with the base `url`): every check, every phase."""
        self.runs += 1
        (self.place / "schemathesis.toml").write_text(CONFIGURATION + ("" if waits else FEWER_WAITS), "utf-8")
        done = subprocess.run(
            [Path(sys.executable).with_name("st"), "run", document, *(["--url", url] if url else ()),
             "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure",
             "--max-examples", str(examples), "--seed", str(seed), *options,
             "--report", "ndjson,json", "--report-ndjson-path", f"{self.runs}.ndjson",
             "--report-json-path", f"{self.runs}.json"],
            cwd=self.place, env={**os.environ, "SCHEMATHESIS_TOKEN": self.token}, timeout=SECONDS,
            capture_output=True, text=True,
        )  # fmt: skip
        return self._report(done)

    def _report(self, done: "subprocess.CompletedProcess[str]") -> Report:
        assert done.returncode in {0, 1}, f"schemathesis could not run\n{done.stdout}\n{done.stderr}"
        summary = json.loads((self.place / f"{self.runs}.json").read_text("utf-8"))
        assert summary["complete"], done.stdout
        assert not summary["errors"], done.stdout
        scenarios = list(_scenarios(self.place / f"{self.runs}.ndjson"))
        findings = tuple(finding for scenario in scenarios for finding in _findings(scenario))
        assert (done.returncode == 1) == bool(findings), f"exit {done.returncode}\n{done.stdout}"
        return Report(
            findings,
            {name: phase["status"] for name, phase in summary["phases"].items()},
            frozenset(link for scenario in scenarios for link in _followed(scenario)),
            summary["test_cases"]["generated"],
        )


def _scenarios(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if (scenario := json.loads(line).get("ScenarioFinished")) is not None:
                yield scenario


def _findings(scenario: dict[str, Any]) -> Iterator[Finding]:
    recorder = scenario["recorder"]
    for case, checks in recorder.get("checks", {}).items():
        for check in checks:
            if check["status"] != "success":
                failure = check["failure_info"]["failure"]
                yield _finding(scenario["phase"], failure, recorder["interactions"][case])


def _finding(phase: str, failure: dict[str, Any], interaction: dict[str, Any]) -> Finding:
    request, response = interaction["request"], interaction["response"] or {}
    return Finding(
        failure["operation"], failure["code"], phase, failure["message"], request["method"], request["uri"],
        _text(request.get("body")), response.get("status_code"),
        "; ".join(response.get("headers", {}).get("x-mock-trace", ())), _text(response.get("content")),
    )  # fmt: skip


def _text(content: dict[str, str] | None) -> str:
    return "" if content is None else base64.b64decode(content["$base64"]).decode("utf-8", "replace")


def _followed(scenario: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the document's own links that filled a request; the tool guesses others."""
    for case in scenario["recorder"].get("cases", {}).values():
        transition = case.get("transition")
        if transition and case["is_transition_applied"] and not transition["is_inferred"]:
            source, _, rest = transition["id"].partition(" -> ")
            yield source, rest.partition(" -> ")[0].rpartition("] ")[2]


@pytest.fixture
def fuzzer(tmp_path: Path) -> Callable[[str], Fuzzer]:
    """Return a maker of fuzzers, each in an empty directory."""

    def make(token: str) -> Fuzzer:
        place = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        place.mkdir()
        return Fuzzer(place, token)

    return make
