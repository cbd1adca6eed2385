"""Stock schemathesis over documents of every kind, served by `serve --spec` with nothing else known of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[2] / "contract" / "corpus"
FILES = {
    "types": "types.yaml", "recursive": "recursive.yaml", "pets": "pets.yaml", "servers": "servers.yaml",
    "forms": "forms.yaml", "callbacks": "callbacks.yaml", "cookies": "cookies.yaml", "security": "security.yaml",
    "binary": "binary.yaml", "combined": "combined.yaml", "split_over_files": "split/openapi.yaml",
}  # fmt: skip
MODERATE = ("pets", "forms")
"""What is looked at in every run; the acceptance tier looks at all."""


@pytest.fixture(scope="module")
def corpus(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the origin of one server of the whole corpus."""
    specs = [argument for file in FILES.values() for argument in ("--spec", str(CORPUS / file))]
    with serve(tmp_path_factory.mktemp("corpus"), *specs) as origin:
        yield origin


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("document", FILES)
def test_nothing_is_found_in_a_document_alone(document: str, corpus: str, fuzzer: Any, full: bool) -> None:
    if not full and document not in MODERATE:
        return
    report = fuzzer("K").run(
        f"{corpus}/_mock/contracts/{document}/openapi.json", examples=1_000 if full else 20, seed=1
    )
    assert not report.findings, report
    assert report.generated > 20
