"""What the plan has to ask so that a defect shows: each stranger is found out by the probes that are named, and these
alarm nobody else."""

from types import ModuleType
from typing import Any

import pytest

from contratempo.conformance import Target, conform
from contratempo.conformance.probes import PLANS


def broken(server: Any, probes: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the rules that a server breaks in a few probes."""
    names = probes.split(", ")
    wanted = [each for each in PLANS[server.provider] if each.name in names]
    assert len(wanted) == len(names)
    with monkeypatch.context() as patched:
        patched.setitem(PLANS, server.provider, wanted)
        verdict = conform(Target(app=server, token="K"), provider=server.provider, quick=True)
    assert not verdict.error
    return {name for name, each in verdict.rules.items() if each.state == "fail"}


def test_strangers_are_found_out_by_what_is_asked(references: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = []
    for stranger in references.STRANGERS:
        assert broken(references.reference(stranger.app.provider), stranger.probe, monkeypatch) == set()
        found = broken(stranger.app(), stranger.probe, monkeypatch)
        if not any(name.startswith(stranger.rule) for name in found):
            missed.append((stranger.app.__name__, found))
    assert missed == []
