import subprocess

START = "2026-03-15T09:00:00Z"


def test_the_node_sdk_does_all_that_the_python_one_does(world, node, clean_environment):
    environment = {"TELNYX_BASE_URL": world.url("telnyx_messages"), "TELNYX_API_KEY": world.api_key, "START": START}
    done = subprocess.run(
        ["node", "story.mjs"], cwd=node, env=clean_environment(environment), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "create, retrieve and delete",
        "list 250 events page by page, with every filter",
        "idempotency key",
        "schedule, retrieve and cancel a message",
        "send a message",
        "AuthenticationError",
        "BadRequestError",
        "NotFoundError",
        "UnprocessableEntityError",
    ]
    assert len(world.resources.list(kind="message")) == 2
