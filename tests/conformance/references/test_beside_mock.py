"""Two servers that share no code, the references and our own mock, answer the same scripts alike."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest

from . import REFERENCES
from .driver import START, Driver, Exchange
from .witness import SCRIPTS

# Where the documents leave a liberty and the two differ: the mock refuses an empty target.
DIFFERENT = {("telnyx_assistants", "_creating", 400)}


class Remote(Driver):
    """A client of the mock, in two worlds of its own."""

    http: httpx2.Client

    def __post_init__(self) -> None:
        self.keys = {}
        for name in ("w", "v"):
            self.http.delete(f"/_mock/worlds/{name}")
            made = self.http.post("/_mock/worlds", json={"id": name, "clock": START}).json()
            self.keys[f"Bearer key-of-{name}"] = f"Bearer {made['api_key']}"

    def send(self, method: str, path: str, headers: dict[str, str], raw: bytes) -> Exchange:
        if "authorization" in headers:
            headers |= {"authorization": self.keys.get(headers["authorization"], headers["authorization"])}
        if path.startswith("/_mock"):
            headers |= {"content-type": "application/json"}
        response = self.http.request(method, path, headers=headers, content=raw)
        return Exchange(method, path, response.status_code, dict(response.headers), response.content)


@pytest.fixture(scope="module")
def remote(
    serve: Callable[..., AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[type[Remote]]:
    with (
        serve(tmp_path_factory.mktemp("spec"), "--profile", "spec") as origin,
        httpx2.Client(base_url=origin, timeout=30, trust_env=False) as http,
    ):
        yield type("Remote", (Remote,), {"http": http})


def kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: kinds(member) for name, member in value.items()}
    return type(value).__name__


def clashes(one: Any, other: Any) -> list[str]:
    """Return the members that both have and that are of two kinds."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [f"{name}.{clash}" for name in one.keys() & other.keys() for clash in clashes(one[name], other[name])]
    return [] if one == other else [f"{one} and {other}"]


@pytest.mark.parametrize("provider", REFERENCES)
def test_both_answer_alike(provider: str, remote: type[Remote]) -> None:
    found = set()
    for script in SCRIPTS[provider]:
        ours, theirs = Driver(REFERENCES[provider]()), remote(REFERENCES[provider]())
        script(ours)
        script(theirs)
        assert len(ours.exchanges) == len(theirs.exchanges)
        for here, there in zip(ours.exchanges, theirs.exchanges, strict=True):
            if here.status != there.status:
                found.add((provider, script.__name__, there.status))
            elif here.status < 300 and "gzip" not in there.headers.get("content-encoding", ""):
                assert clashes(kinds(here.body), kinds(there.body)) == [], f"{here.method} {here.path}"
    assert found == {each for each in DIFFERENT if each[0] == provider}
