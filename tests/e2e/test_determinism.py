import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

STORY = Path(__file__).with_name("story.py")
MACHINES = {
    "here": ({}, ()),
    "elsewhere": (
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Apia", "LC_ALL": "tr_TR.UTF-8"},
        ("2035-12-31T23:59:59+00:00",),
    ),
    "another time": ({"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C"}, ("1999-02-28T12:00:00+00:00",)),
}


@pytest.fixture(scope="module")
def told(clean_environment):
    """The story as each machine tells it, and as one tells it that is given another seed."""

    def tell(environment, *arguments):
        done = subprocess.run(
            [sys.executable, STORY, *arguments],
            env=clean_environment(environment),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with ThreadPoolExecutor(2) as pool:
        asked = {name: pool.submit(tell, env, "seed", *date) for name, (env, date) in MACHINES.items()}
        asked["another seed"] = pool.submit(tell, {}, "other")
        return {name: answer.result() for name, answer in asked.items()}


@pytest.mark.parametrize("machine", list(MACHINES)[1:])
def test_the_same_seed_and_calls_make_the_same_world_on_any_machine(told, machine):
    assert told[machine] == told["here"]


def test_another_seed_makes_other_ids_of_the_same_things(told):
    here, other = (json.loads(told[name])["world"] for name in ("here", "another seed"))
    assert here["records"] != other["records"]
    assert (
        [len(rows) for rows in here["records"].values()]
        == [len(rows) for rows in other["records"].values()]
        == [2, 2, 1]
    )
    moments = [[(row["at"], row["cause"]) for row in world["transitions"]["rows"]] for world in (here, other)]
    assert moments[0] == moments[1]


def test_the_story_has_a_bit_of_everything(told):
    answers = json.loads(told["here"])["answers"]
    statuses = [status for status, _, _ in answers]
    assert statuses == [201, 201, 200, 400, 200, 200, 201, 200, 200, 422, 200, 200, 200, 200, 200, 200, 200]
    assert answers[11][2]["fired_count"] > 10
