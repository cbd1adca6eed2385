"""What the simulations share: the theatre they are played in, and the documents, read once."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contratempo.server.service import Service, make_service
from contratempo.server.settings import Settings

pytest.register_assert_rewrite("stage")
stage = ModuleType("stage")  # a folder of modules beside the tests: those are no package themselves
stage.__path__ = [str(Path(__file__).with_name("stage"))]
sys.modules["stage"] = stage


@pytest.fixture(scope="session")
def loaded() -> Service:
    """The shipped providers and documents, read once; its worlds belong to nobody's test."""
    return make_service(Settings(clock="2026-03-15T09:00:00Z", validation="both"))


@pytest.fixture(scope="session")
def perform(loaded: Service) -> Callable[[object], Any]:
    """Return what plays a seed."""
    from stage.theatre import perform

    return lambda seed: perform(seed, loaded)
