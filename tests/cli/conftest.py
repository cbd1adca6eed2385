"""A small library of documents to stand for what ships, and a way to run commands."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result

from contratempo.cli import connection, library, main, specs
from contratempo.client import Control
from contratempo.provider import Problem, Provider, Response
from contratempo.server.catalog import Profile
from contratempo.sim.rules import Rule

DOCUMENT = """\
openapi: 3.1.0
info: {title: Phone, version: '1'}
servers: [{url: 'https://phone.example/v1'}]
paths:
  /calls:
    post:
      operationId: placeCall
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Call'}}}
      responses: {'201': {description: placed}}
components:
  schemas:
    Call: {type: object}
    Other: {type: object}
"""

OVERLAY = """\
overlay: 1.0.0
info: {title: More, version: '1'}
actions:
  - target: $.paths['/calls'].post.responses
    description: a refusal
    x-source: docs
    update: {'400': {description: refused}}
  - target: $.paths
    x-source: sdk
    update:
      /calls/{id}:
        get:
          operationId: readCall
          parameters: [{name: id, in: path, required: true, schema: {type: string}}]
          responses: {'200': {description: the call}}
  - target: $.components.schemas.Call
    x-source: inferred
    x-assumed: true
    update: {properties: {to: {type: string}}}
  - target: $.components.schemas.Other
    x-source: docs
    update: {properties: {unused: {type: string}}}
"""


def _refuse(problem: Problem) -> Response:
    return Response(400)


PHONE = Provider(
    name="phone",
    title="A phone",
    documents=("phone/calls.yaml",),
    operations={"placeCall": lambda simulation, request: Response(201)},
    refuse=_refuse,
    error_schema="#/components/schemas/Call",
    rules={
        "phone.past": Rule("phone.past", "a past call is refused, or run", "reject", ("reject", "run"), "docs", "high"),
        "phone.ring": Rule("phone.ring", "seconds of ringing", 5, None, "choice", "low", "a guess"),
    },
)
PROFILES = {
    "spec": Profile("spec", "strict", {"phone": ("overlays/phone.yaml",)}, {}),
    "bare": Profile("bare", "as vendored", {}, {"phone.past": "run"}),
}


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a provider `phone`, its document and overlay, and profiles `spec` and `bare` in the place of what ships."""
    for folder in ("phone", "overlays"):
        (tmp_path / folder).mkdir()
    (tmp_path / "phone/calls.yaml").write_text(DOCUMENT)
    (tmp_path / "overlays/phone.yaml").write_text(OVERLAY)
    digest = hashlib.sha256(DOCUMENT.encode()).hexdigest()
    (tmp_path / "SOURCES.md").write_text(f"| `phone/calls.yaml` | here | `{digest}` |\n")
    monkeypatch.setattr(library, "installed_providers", dict)
    monkeypatch.setattr(library, "control", PHONE)
    for module in (library, specs):
        monkeypatch.setattr(module, "read_profiles", lambda: PROFILES)
        monkeypatch.setattr(module, "data_root", lambda kind: tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Result]:
    """Run a command line in an empty directory with nothing of ours in the environment."""
    for variable in ("URL", "WORLD", "DEBUG", "CONFIG", "HOST", "PORT", "PROFILE", "CONTROL_TOKEN"):
        monkeypatch.delenv(f"CONTRATEMPO_{variable}", raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    return lambda *arguments, **more: CliRunner().invoke(main, arguments, prog_name="contratempo", **more)


@pytest.fixture
def bad_profile(monkeypatch: pytest.MonkeyPatch, shipped: Path) -> None:
    """Give the profile `bare` a rule value that cannot be."""
    bad = PROFILES | {"bare": Profile("bare", "as vendored", {}, {"phone.past": "never"})}
    for module in (library, specs):
        monkeypatch.setattr(module, "read_profiles", lambda: bad)


@pytest.fixture
def answered_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[httpx2.Request], httpx2.Response]], None]:
    """`answered_by(answer)` has every command's server answer by a function."""

    def stand(answer: Callable[[httpx2.Request], httpx2.Response]) -> None:
        def control(url: str, **more: Any) -> Control:
            return Control(url, transport=httpx2.MockTransport(answer), **more)

        monkeypatch.setattr(connection, "Control", control)

    return stand
