from types import SimpleNamespace

from contratempo.provider import Provider, Response
from contratempo.server.served import Servings

DOCUMENT = SimpleNamespace(
    operations={"getThing": SimpleNamespace(method="get"), "createThing": SimpleNamespace(method="post")}
)


def servings(asked, **operations):
    def contract(name, profile):
        asked.append((name, profile))
        return SimpleNamespace(document=DOCUMENT)

    provider = Provider("toy", "Toy", (), operations, lambda problem: Response(500), "")
    return Servings({"toy": provider}, contract)


def test_an_operation_is_looked_up_once_for_each_profile():
    asked = []
    served = servings(asked, getThing=len)
    assert served["spec", "toy", "getThing"] is served["spec", "toy", "getThing"]
    assert served["loud", "toy", "getThing"] is not served["spec", "toy", "getThing"]
    assert asked == [("toy", "spec"), ("toy", "loud")]


def test_what_reads_is_told_from_what_is_a_command_and_from_what_nobody_does():
    served = servings([], getThing=len)
    reading, command, nothing = (served["spec", "toy", name] for name in ("getThing", "createThing", None))
    assert (reading.reads, reading.act, reading.naive_rule) == (True, len, "toy.naive_datetime")
    assert (command.reads, command.act) == (False, None)
    assert (nothing.operation, nothing.reads, nothing.act) == (None, False, None)


def test_an_answer_with_other_members_leaves_the_first_as_it_is():
    first = Response(201, {"id": "1"}, trace=("toy",))
    other = first.but(trace=("toy", "fault"), hint="try again")
    assert other == Response(201, {"id": "1"}, trace=("toy", "fault"), hint="try again")
    assert first == Response(201, {"id": "1"}, trace=("toy",))
