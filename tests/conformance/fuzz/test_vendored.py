"""Stock schemathesis over the vendored documents untouched: it finds what the committed list explains, and no more."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from contratempo.data import data_root

SEEDS = (1, 2, 3) if os.environ.get("CONTRATEMPO_TEST_TIER") == "full" else (1,)
DIFFERENCES = yaml.safe_load(Path(__file__).with_name("vendored_differences.yaml").read_text("utf-8"))


def is_difference(listed: dict[str, Any], finding: Any) -> bool:
    same = ("operation", "code", "method", "status")
    return all(listed[name] == getattr(finding, name) for name in same) and listed["answer"] in finding.answer


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("document", DIFFERENCES)
def test_a_vendored_document_differs_only_as_listed(document: str, writable: Any, fuzzer: Any, full: bool) -> None:
    provider = f"telnyx_{document.removeprefix('telnyx/').partition('-')[0]}"
    path, url = str(data_root("specs") / document), writable.url(provider)
    reports = [fuzzer(writable.token).run(path, url=url, examples=100 if full else 20, seed=seed) for seed in SEEDS]
    found = [finding for report in reports for finding in report.findings]
    for finding in found:
        assert any(is_difference(listed, finding) for listed in DIFFERENCES[document]), f"not listed: {finding}"
    if not writable.ours:
        return
    for listed in DIFFERENCES[document]:
        if full or not listed.get("rare"):
            assert any(is_difference(listed, finding) for finding in found), f"stale, take it off the list: {listed}"


def test_every_vendored_document_is_listed() -> None:
    specs = data_root("specs")
    vendored = {path.relative_to(specs).as_posix() for path in (specs / "telnyx").glob("*.yaml")}
    assert vendored == DIFFERENCES.keys()


def test_every_difference_says_why() -> None:
    listed = [difference for differences in DIFFERENCES.values() for difference in differences]
    assert all(difference["why"].endswith(".") and difference["answer"] for difference in listed)
