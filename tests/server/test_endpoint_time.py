import asyncio

from contratempo.server import pump as pumping
from contratempo.server.settings import Settings

THING = {"name": "bell"}


def test_a_running_clock_is_caught_up_before_anything_is_done(toy_app, client, real):
    app = toy_app(settings=Settings())
    ask = client(app)
    made = ask("POST", "/t1/things", {"name": "bell", "after": 60}).body
    assert ask("GET", f"/t1/things/{made['id']}").body["status"] == "quiet"
    real.now += 90
    found = ask("GET", f"/t1/things/{made['id']}").body
    assert (found["status"], found["rang"]) == ("rung", "2026-03-15T09:01:00Z")
    assert ask("POST", "/t1/things", THING).body["at"] == "2026-03-15T09:01:30Z"


def test_a_frozen_clock_stands_until_it_is_advanced(toy_app, client, real):
    ask = client(toy_app())
    ask("POST", "/t1/things", {"name": "bell", "after": 60})
    real.now += 3_600
    assert ask("POST", "/t1/things", THING).body["at"] == "2026-03-15T09:00:00Z"
    answer = ask("POST", "/_mock/clock/advance", {"by": 61}).body
    assert (answer["now"], answer["fired_count"]) == ("2026-03-15T09:01:01Z", 1)


def advances(app, client, bodies):
    async def at_once():
        return await asyncio.gather(*(client(app).call("POST", "/_mock/clock/advance", body) for body in bodies))

    return asyncio.run(at_once())


def test_advances_that_wait_their_turn_add_up(toy_app, client, monkeypatch):
    monkeypatch.setattr(pumping, "SLICE", 3)
    app = toy_app()
    for after in range(1, 21):
        client(app)("POST", "/t1/things", {"name": "bell", "after": after * 300})
    answers = advances(app, client, [{"by": "1h", "wait_turn": True}] * 5)
    assert [answer.status for answer in answers] == [200] * 5
    assert sorted(answer.body["now"] for answer in answers) == [f"2026-03-15T{hour}:00:00Z" for hour in range(10, 15)]
    assert sum(answer.body["fired_count"] for answer in answers) == 20
    fired = [row["resource"] for answer in answers for row in answer.body["fired"]]
    assert len(set(fired)) == 20


def test_advances_at_once_without_waiting_are_refused_but_one(toy_app, client, monkeypatch):
    monkeypatch.setattr(pumping, "SLICE", 3)
    app = toy_app()
    for after in range(20):
        client(app)("POST", "/t1/things", {"name": "bell", "after": after + 1})
    answers = advances(app, client, [{"by": "1h"}] * 3)
    assert [answer.status for answer in answers] == [200, 409, 409]
    assert "advance-in-progress" in answers[1].body["detail"]
    assert "wait_turn" in answers[1].body["hint"]
    assert client(app)("GET", "/_mock/clock").body["now"] == "2026-03-15T10:00:00Z"


def test_what_is_made_during_an_advance_gets_the_instant_reached(toy_app, client, monkeypatch):
    monkeypatch.setattr(pumping, "SLICE", 1)
    app = toy_app()
    ask = client(app)
    for after in range(60, 1_260, 60):
        ask("POST", "/t1/things", {"name": "bell", "after": after})

    async def at_once():
        advancing = asyncio.create_task(ask.call("POST", "/_mock/clock/advance", {"by": "1h"}))
        made = []
        while not advancing.done():
            await asyncio.sleep(0)
            made.append((await ask.call("POST", "/t1/things", THING)).body["at"][11:16])
        return made, (await advancing).body

    made, answer = asyncio.run(at_once())
    assert len({at for at in made if "09:00" < at < "10:00"}) > 5
    assert made == sorted(made)
    assert answer["now"] == "2026-03-15T10:00:00Z"
    assert [row["to"] for row in answer["fired"]].count("rung") == 20


def test_a_reset_during_an_advance_is_refused(toy_app, client):
    app = toy_app()

    async def during():
        async with app.service.worlds.default.turn:
            return [
                await client(app).call("POST", "/_mock/reset"),
                await client(app).call("PUT", "/_mock/clock", {"mode": "frozen"}),
            ]

    assert [answer.status for answer in asyncio.run(during())] == [409, 409]
