import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import yaml

from contratempo.data import data_root

ROOT = Path(__file__).parents[2]
CREATE, LIST, SCHEDULE = (
    "assistants-create_scheduled_event",
    "assistants-get_scheduled_events",
    "messages-ScheduleMessage",
)
KEY = "KEY0123456789ABCDEF0123456789ABCDEF_samples"


def sample(name, language):
    """Return the sample that the vendor's own document has, unchanged."""
    document = yaml.safe_load((data_root("specs") / "telnyx" / f"{name}.yaml").read_text())
    (operation,) = (item[method] for item in document["paths"].values() for method in ("get", "post") if method in item)
    (source,) = (each["source"] for each in operation["x-codeSamples"] if each["lang"] == language)
    return source


EACH = (
    "import runpy, sys\nfor file in sys.argv[1:]:\n    runpy.run_path(file, run_name='__main__')\n    print('=' * 9)\n"
)
"""Importing the SDK takes seconds, so one process runs several samples."""


@pytest.fixture
def variables(demo, clean_environment):
    return clean_environment({"TELNYX_BASE_URL": f"{demo.url}/v2", "TELNYX_API_KEY": KEY})


@pytest.fixture
def run_python(variables, tmp_path):
    def run(*sources):
        files = [tmp_path / f"sample{place}.py" for place in range(len(sources))]
        for file, source in zip(files, sources, strict=True):
            file.write_text(source)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", EACH, *files],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split("=========\n")[:-1]

    return run


def scheduled_events(demo):
    """Return the ids of the samples' assistant's events, in the order of the list."""
    answer = httpx2.get(
        f"{demo.url}/v2/ai/assistants/assistant_id/scheduled_events", headers={"authorization": f"Bearer {KEY}"}
    )
    events = answer.json()["data"]
    assert {event["scheduled_at_fixed_datetime"][:23] for event in events} == {"2025-04-15T13:07:28.764"}
    return [event["scheduled_event_id"] for event in events]


def test_the_python_samples_and_examples_work_as_they_are_printed(demo, run_python):
    samples = [sample(name, "Python") for name in (CREATE, LIST, SCHEDULE)]
    examples = [(ROOT / "tests/examples" / name).read_text() for name in ("schedule_event.py", "mock_server.py")]
    created, listed, sent, shown, own_server = run_python(*samples, *examples)
    events = scheduled_events(demo)
    assert events[0] in listed
    for printed in (created, listed, shown):
        assert printed.startswith("ScheduledPhoneCallEventResponse(")
        assert any(event in printed for event in events)
    assert created != shown
    assert "phone_number='+18445550001'" in sent
    assert "2026-03-15 10:30:00+00:00" in own_server


def test_the_javascript_samples_work_as_they_are_printed(demo, variables, node):
    def run(source):
        done = subprocess.run(
            ["node", "--input-type=module", "--eval", source],
            cwd=node,
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    created, listed, events = run(sample(CREATE, "JavaScript")), run(sample(LIST, "JavaScript")), scheduled_events(demo)
    assert any(event in created for event in events)
    assert all(event in listed for event in events)
    assert "+18445550001" in run(sample(SCHEDULE, "JavaScript"))


def test_the_curl_sample_answers_what_the_page_shows(demo, clean_environment):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    script = (ROOT / "tests/examples/schedule_call.sh").read_text()
    assert "http://127.0.0.1:4010" in script
    done = subprocess.run(
        ["bash", "-c", script.replace("http://127.0.0.1:4010", demo.url)],
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(),
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    shown = json.loads((data_root("fixtures") / "temphone/schedule-call.response.json").read_text())
    assert list(answer["data"]) == list(shown["data"])
    for own in ("call_id", "created_at", "updated_at"):
        assert len(answer["data"][own]) == len(shown["data"].pop(own))
        del answer["data"][own]
    assert answer == shown


def test_the_demo_is_under_way_when_it_starts(demo):
    clock = httpx2.get(f"{demo.url}/_mock/clock").json()
    assert (clock["now"], clock["mode"]) == ("2025-04-15T13:00:00Z", "frozen")
    timeline = httpx2.get(f"{demo.url}/_mock/timeline").json()["transitions"]
    assert {row["provider"] for row in timeline} == {"telnyx_assistants", "telnyx_messages", "temphone"}
    assert clock["next_due"] < "2025-04-15T13:07:28Z"
