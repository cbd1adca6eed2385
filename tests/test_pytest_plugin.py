"""The plugin as a project that has the package installed would use it."""

import subprocess
import sys

import pytest

from contratempo.testing import MockServer

pytest_plugins = ("pytester",)


@pytest.fixture(scope="module")
def server():
    with MockServer(validation="both") as server:
        yield server


@pytest.fixture
def project(pytester, server, monkeypatch):
    """A project whose tests use the server that runs already: a server for each would be slow."""
    monkeypatch.setenv("CONTRATEMPO_URL", server.origin)
    pytester.makeini("[pytest]\naddopts = -p no:randomly -p no:cacheprovider --strict-markers\nfilterwarnings = error")
    return pytester


SCHEDULE = """
    import httpx2

    def schedule(world, due):
        body = {"contact_id": "ctc_12kd88", "scheduled_at": due, "initial_message": "Hi"}
        key = {"Authorization": f"Bearer {world.api_key}"}
        url = f"{world.url('temphone')}/calls/scheduled"
        return httpx2.post(url, json=body, headers=key, trust_env=False)
"""


def test_every_test_has_a_frozen_world_for_itself(project, server):
    project.makepyfile(
        SCHEDULE
        + """
    from datetime import UTC, datetime, timedelta
    seen = set()

    def test_one(contratempo):
        seen.add(contratempo.id)
        assert contratempo.clock.get().mode == "frozen"
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert schedule(contratempo, tomorrow.isoformat()).status_code == 200
        assert contratempo.clock.advance("25h").fired_count > 0

    def test_two(contratempo):
        assert contratempo.id not in seen
        assert contratempo.resources.list() == ()
        assert abs(contratempo.clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    """
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)
    assert [world.id for world in server.control.worlds.list()] == ["default"]


def test_the_marker_sets_how_the_world_starts(project):
    project.makepyfile(
        """
    import pytest
    from datetime import UTC, datetime

    @pytest.mark.contratempo(clock="2026-03-15T09:00", rules={"temphone.past_datetime": "run_now"})
    class TestMarked:
        def test_of_the_class(self, contratempo):
            assert contratempo.clock.now() == datetime(2026, 3, 15, 9, tzinfo=UTC)
            assert contratempo.rules.get("temphone.past_datetime").origin == "world"

        @pytest.mark.contratempo(clock=datetime(2030, 1, 1, tzinfo=UTC), profile="lenient")
        def test_of_its_own(self, contratempo):
            assert contratempo.clock.now().year == 2030
            assert contratempo.rules.get("temphone.past_datetime").origin == "world"
    """
    )
    project.runpytest_inprocess().assert_outcomes(passed=2)


def test_a_world_may_start_as_one_that_ships_and_its_forks_go_with_it(project, server):
    project.makepyfile(
        """
    import pytest

    @pytest.mark.contratempo(fixtures="retry-storm")
    def test_it(contratempo):
        contratempo.fork().fork()
        assert len(contratempo.resources.list()) > 10
        assert contratempo.clock.now().isoformat().startswith("2026-03-11")
    """
    )
    project.runpytest_inprocess().assert_outcomes(passed=1)
    assert [world.id for world in server.control.worlds.list()] == ["default"]


def test_ids_follow_from_the_node_id_unless_seeded(project):
    project.makepyfile(
        SCHEDULE
        + """
    import pytest
    ids = []
    clock = pytest.mark.contratempo(clock="2026-03-15T09:00")

    @clock
    @pytest.mark.parametrize("case", [1, 2])
    def test_unseeded(contratempo, case):
        ids.append(schedule(contratempo, "2026-03-16T09:00:00Z").text)

    @clock
    @pytest.mark.contratempo(seed="same")
    @pytest.mark.parametrize("case", [1, 2])
    def test_seeded(contratempo, case):
        ids.append(schedule(contratempo, "2026-03-16T09:00:00Z").text)

    def test_they_are_what_they_should_be():
        assert ids[0] != ids[1]
        assert ids[2] == ids[3]
    """
    )
    project.runpytest_inprocess().assert_outcomes(passed=5)


@pytest.mark.parametrize("marker", ["colour='red'", "'2026-03-15'"])
def test_a_marker_with_something_else_is_told(project, marker):
    project.makepyfile(
        f"""
    import pytest

    @pytest.mark.contratempo({marker})
    def test_it(contratempo):
        pass
    """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the marker contratempo takes clock, seed, profile, rules, fixtures; not *"])


def test_a_failure_tells_what_happened_in_the_world(project, server):
    project.makepyfile(
        SCHEDULE
        + """
    import pytest

    @pytest.mark.contratempo(clock="2026-03-15T09:00")
    def test_it(contratempo):
        schedule(contratempo, "not a date")
        schedule(contratempo, "2026-03-15T10:00:00Z")
        contratempo.clock.advance("24h")
        assert False
    """
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- contratempo: world-* -*",
            "clock 2026-03-16T09:00:00+00:00, frozen; next due never",
            "timeline:",
            "  2026-03-15T09:00:00+00:00 call_*: new -> *(create)",
            "requests:",
            "  2026-03-15T09:00:00+00:00 POST /v1/calls/scheduled -> 400*",
            "  2026-03-15T09:00:00+00:00 POST /v1/calls/scheduled -> 200*",
            "webhooks:",
        ]
    )
    assert [world.id for world in server.control.worlds.list()] == ["default"]


def test_a_failure_tells_of_webhooks_faults_and_near_misses(project):
    project.makepyfile(
        SCHEDULE
        + """
    import pytest

    @pytest.mark.contratempo(clock="2026-03-15T09:00")
    def test_it(contratempo):
        contratempo.faults.add("empty")
        with pytest.raises(httpx2.RemoteProtocolError):
            schedule(contratempo, "2026-03-15T10:00:00Z")
        key = {"Authorization": f"Bearer {contratempo.api_key}"}
        httpx2.post(f"{contratempo.url('temphone')}/call/scheduled", json={}, headers=key, trust_env=False)
        body = {"from": "+12125550100", "to": "+12125550101", "text": "x", "webhook_url": "http://10.0.0.1/"}
        httpx2.post(f"{contratempo.url('telnyx_messages')}/messages", json=body, headers=key, trust_env=False)
        contratempo.clock.advance("1h")
        assert False
    """
    )
    project.runpytest_inprocess().stdout.fnmatch_lines(
        [
            "requests:",
            "  * POST /v1/calls/scheduled -> no answer *fault flt_*: empty*",
            "  * POST /v1/call/scheduled -> 404*",
            "    did you mean POST /v1/calls/scheduled? *",
            "webhooks:",
            "  2026-03-15T09:* message.sent * -> captured, 1 attempts (*10.0.0.1*)",
            "  2026-03-15T09:* message.finalized * -> captured, 1 attempts (*10.0.0.1*)",
        ]
    )


def test_a_world_that_cannot_be_read_does_not_hide_the_failure(project):
    project.makepyfile(
        """
    def test_it(contratempo):
        contratempo.clock.get = lambda: 1 / 0
        assert "the reason" == 1
    """
    )
    result = project.runpytest_inprocess()
    result.stdout.fnmatch_lines(["*the reason*", "cannot be read: division by zero"])


def test_a_test_that_passes_or_has_no_world_reports_nothing(project):
    project.makepyfile("def test_one(contratempo): pass\ndef test_two(): assert False")
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*- contratempo: *")


def test_the_address_may_be_given_on_the_command_line(pytester, server):
    pytester.makepyfile(f"def test_it(contratempo): assert contratempo.url('temphone').startswith({server.origin!r})")
    pytester.runpytest_inprocess(f"--contratempo-url={server.origin}").assert_outcomes(passed=1)


def test_every_worker_of_xdist_starts_its_own_server(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        """
    import pytest

    @pytest.mark.parametrize("case", range(6))
    def test_it(contratempo, contratempo_server, case):
        assert len(contratempo_server.control.worlds.list()) == 2
        assert contratempo.clock.advance("1h").fired_count == 0
    """
    )
    pytester.runpytest_subprocess("-p", "xdist", "-p", "contratempo.pytest_plugin", "-n", "2").assert_outcomes(passed=6)


def test_the_plugin_imports_nothing_heavy():
    script = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport contratempo.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert found == ["contratempo", "contratempo.pytest_plugin"]
