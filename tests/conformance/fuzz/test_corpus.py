"""Stock schemathesis over documents of every kind, served by `serve --spec` with nothing else known of them."""

import email.parser
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace as Finding
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from openapi_schema_validator import OAS31Validator

CORPUS = Path(__file__).parents[2] / "contract" / "corpus"
FILES = {
    "types": "types.yaml", "recursive": "recursive.yaml", "pets": "pets.yaml", "servers": "servers.yaml",
    "forms": "forms.yaml", "callbacks": "callbacks.yaml", "cookies": "cookies.yaml", "security": "security.yaml",
    "binary": "binary.yaml", "combined": "combined.yaml", "split_over_files": "split/openapi.yaml",
}  # fmt: skip
LOOKED_AT = tuple(FILES) if os.environ.get("CONTRATEMPO_TEST_TIER") == "full" else ("pets", "forms")


@pytest.fixture(scope="module")
def corpus(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the origin of one server of the whole corpus."""
    specs = [argument for file in FILES.values() for argument in ("--spec", str(CORPUS / file))]
    with serve(tmp_path_factory.mktemp("corpus"), *specs) as origin:
        yield origin


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("document", LOOKED_AT)
def test_nothing_is_found_in_a_document_alone(document: str, corpus: str, fuzzer: Any, full: bool) -> None:
    report = fuzzer("K").run(
        f"{corpus}/_mock/contracts/{document}/openapi.json", examples=1_000 if full else 20, seed=1
    )
    assert [finding for finding in report.findings if not is_well_sent(finding)] == [], report
    assert report.generated > 20


UPLOAD = yaml.safe_load((CORPUS / "forms.yaml").read_text("utf-8"))["paths"]["/upload"]["post"]


def is_well_sent(finding: Any) -> bool:
    """Say whether what should have been refused is what the document wants, by what was sent of it.

    Schemathesis means another: an object for a text is sent as a text, and an empty list for an object not at all.
    It looks for that itself, but not where there is a file whose bytes its own validator cannot take, nor in queries.
    """
    if (finding.operation, finding.code) == ("GET /orders", "ST201"):
        return is_page(urlsplit(finding.url).query)
    if (finding.operation, finding.code) != ("POST /upload", "ST201"):
        return False
    schema = UPLOAD["requestBody"]["content"]["multipart/form-data"]["schema"]
    return OAS31Validator(schema).is_valid({name: read(name, sent) for name, sent in parts_of(finding.sent)})


def is_page(query: str) -> bool:
    """Say whether a query is a `page` as combined.yaml describes it, written out."""
    members = dict(parse_qsl(query, keep_blank_values=True))
    whole = all(re.fullmatch(r"-?[0-9]+", value) for value in members.values())
    return whole and members.keys() <= {"page[size]", "page[number]"} and int(members.get("page[size]", "1")) >= 1


def parts_of(sent: str) -> Iterator[tuple[str, str]]:
    boundary = sent.partition("\r\n")[0].removeprefix("--")
    head = f'Content-Type: multipart/form-data; boundary="{boundary}"\r\n\r\n'
    for part in email.parser.Parser().parsestr(head + sent).get_payload():
        yield part.get_param("name", header="content-disposition"), part.get_payload()


def read(name: str, sent: str) -> Any:
    try:
        return json.loads(sent) if name == "meta" else sent
    except ValueError:
        return sent


@pytest.mark.parametrize(
    ("parts", "well"),
    [
        ({"file": "", "note": "{}"}, True),
        ({"file": "x", "meta": '{"n": 1}'}, True),
        ({"note": "{}"}, False),
        ({"file": "", "meta": "[]"}, False),
        ({"file": "", "meta": "x"}, False),
        ({"file": "", "meta": '{"n": "1"}'}, False),
    ],
)
def test_only_a_form_that_is_valid_as_it_was_sent_is_no_finding(parts: dict[str, str], well: bool) -> None:
    written = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{sent}\r\n' for name, sent in parts.items()
    )
    finding = Finding(operation="POST /upload", code="ST201", sent=f"{written}--b--\r\n")
    assert is_well_sent(finding) is well
    assert not is_well_sent(Finding(operation="POST /upload", code="ST202", sent=finding.sent))


@pytest.mark.parametrize(
    ("query", "well"),
    [
        ("page%5Bsize%5D=1&page%5Bnumber%5D=-6", True),
        ("page%5Bsize%5D=0", False),
        ("page%5Bnumber%5D=null", False),
        ("page%5B%5D=1", False),
        ("page%5Ba%5D%5Bb%5D=1", False),
    ],
)
def test_only_a_query_that_is_valid_as_it_was_sent_is_no_finding(query: str, well: bool) -> None:
    finding = Finding(operation="GET /orders", code="ST201", url=f"http://h/orders?{query}")
    assert is_well_sent(finding) is well
