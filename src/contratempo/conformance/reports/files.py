"""The verdict for programs: JUnit with a case for each rule, JSON, a summary in Markdown, conversations of failures."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias
from xml.etree import ElementTree

from contratempo.conformance.corpus import conversation_of
from contratempo.conformance.rule import SOURCES
from contratempo.conformance.verdict import RuleResult, Verdict
from contratempo.plaintext import plain_text

Json: TypeAlias = Any
_SIGNS: Final = {"pass": "✅", "fail": "❌", "warn": "⚠️", "vacuous": "⚪", "not_testable": "⚪", "off": "⚪"}
_MARKUP: Final = re.compile(r"[^\w ,]|_")
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_reports(verdict: Verdict, folder: Path) -> list[Path]:
    """Write every report into a folder, which is made; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / "junit.xml", folder / "conformance.json"]
    files[0].write_text(junit(verdict), "utf-8")
    files[1].write_text(json.dumps(described(verdict), indent=2, ensure_ascii=True) + "\n", "utf-8")
    for result in verdict.rules.values():
        if result.first is not None:
            file = folder / "corpus" / f"{verdict.provider}-{result.rule.id}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text(
                json.dumps(conversation_of(result.first, verdict), indent=1, ensure_ascii=True) + "\n", "utf-8"
            )
            files.append(file)
    return files


def described(verdict: Verdict) -> dict[str, Json]:
    """Return the verdict as JSON."""
    return {
        "provider": verdict.provider,
        "contract": verdict.contract,
        "target": verdict.target,
        "level": verdict.level,
        "seed": verdict.seed,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "exit_code": verdict.exit_code,
        "error": verdict.error or None,
        "notes": list(verdict.notes),
        "rules": {name: _described(result) for name, result in verdict.rules.items()},
    }


def _described(result: RuleResult) -> dict[str, Json]:
    first = result.first
    told = {
        "state": result.state,
        "says": result.rule.says,
        "source": result.rule.source,
        "exercised": result.exercised,
        "failures": result.failures,
        "reason": result.reason or None,
    }
    shown = None if first is None else {"message": first.message, "probe": first.probe, "curl": first.curl}
    return {**told, "first": shown}


def junit(verdict: Verdict) -> str:
    """Return the verdict as JUnit XML: what was never exercised, or cannot be, is skipped."""
    results = verdict.rules.values()
    failures = verdict.count("fail")
    skipped = sum(verdict.count(state) for state in ("vacuous", "not_testable", "off"))
    suite = ElementTree.Element(
        "testsuite",
        {
            "name": f"contratempo conform {verdict.provider}",
            "tests": str(len(verdict.rules)),
            "failures": str(failures),
            "errors": str(int(bool(verdict.error))),
            "skipped": str(skipped),
            "time": f"{verdict.seconds:.3f}",
        },
    )
    for result in results:
        _case(suite, result, verdict)
    if verdict.error:
        case = ElementTree.SubElement(
            suite, "testcase", {"name": "the target can be tested", "classname": verdict.provider}
        )
        ElementTree.SubElement(case, "error", {"message": _clean(verdict.error)})
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, result: RuleResult, verdict: Verdict) -> None:
    name = {"name": result.rule.id, "classname": f"{verdict.provider}.{verdict.contract}"}
    case = ElementTree.SubElement(suite, "testcase", name)
    if result.state in ("vacuous", "not_testable", "off"):
        ElementTree.SubElement(case, "skipped", {"message": _clean(f"{result.state}: {result.reason}")})
    elif result.first is not None:
        text = _clean(f"{result.rule.says}\n{result.first.message}\n{result.first.curl}")
        if result.state == "fail":
            failure = ElementTree.SubElement(case, "failure", {"message": _clean(result.first.message)})
            failure.text = text
        else:
            ElementTree.SubElement(case, "system-out").text = f"warning: {text}"


def markdown(verdict: Verdict) -> str:
    """Return the verdict as Markdown, for a step summary of CI."""
    return "\n".join(_markdown(verdict)) + "\n"


def _markdown(verdict: Verdict) -> Iterator[str]:
    yield f"### {verdict.provider} against {verdict.target}"
    counts = ", ".join(f"{_SIGNS[state]} {verdict.count(state)} {state}" for state in _SIGNS if verdict.count(state))  # type: ignore[arg-type]
    how = f"{verdict.contract} contract, level {verdict.level}, seed {verdict.seed}"
    yield f"{counts}; {verdict.requests} requests, {how}"
    if verdict.error:
        yield f"\n**Could not test:** {_told(verdict.error)}"
    shown = [result for result in verdict.rules.values() if result.state in ("fail", "warn", "vacuous")]
    if shown:
        yield "\n| | rule | what it says | found |\n|---|---|---|---|"
    for result in shown:
        found = result.first.message if result.first else result.reason
        says = f"{_cell(result.rule.says)} ({SOURCES[result.rule.source]})"
        yield f"| {_SIGNS[result.state]} | `{result.rule.id}` | {says} | {_told(found)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:300]


def _told(text: str) -> str:
    """What a deployment may have had a hand in: no markup of it counts, no link, image, mention or cell."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", plain_text(text[:300]))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
