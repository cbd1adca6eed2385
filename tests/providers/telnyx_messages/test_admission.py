"""What a message must be: every refusal's status, code and pointer; and nothing of it when the rules are off."""

import pytest

from contratempo.providers.telnyx_messages.tables import FILE

SMS = {"from": "+18445550001", "to": "+18665550001", "text": "Hello, World!"}
MMS = {"from": "+18445550001", "to": "+18665550001", "media_urls": ["https://www.example.com/cat.png"]}
EVERYDAY = "4000eba1-a0c0-4563-9925-b25e842a7cb6"
PROFILE = "4000eba1-a0c0-4563-9925-b25e842a7c0"
ALPHA = {"from": "Telnyx", "to": "+447700900123", "text": "Hello", "messaging_profile_id": EVERYDAY}

REFUSED = {
    "empty receiver": (SMS | {"to": ""}, 422, "40310", "/to"),
    "nothing but a receiver": ({"to": "+18665550001"}, 400, "10004", "/from"),
    "no text, no media": ({"from": "+18445550001", "to": "+1866"}, 422, "40316", "/text"),
    "empty text": (SMS | {"text": ""}, 422, "40316", "/text"),
    "empty media": (MMS | {"media_urls": []}, 422, "40316", "/text"),
    "SMS with media": (MMS | {"type": "SMS"}, 400, "40304", "/media_urls"),
    "MMS without media": (SMS | {"type": "MMS"}, 422, "40317", "/media_urls"),
    "eleven media": (MMS | {"media_urls": ["https://www.example.com/cat.png"] * 11}, 422, "40317", "/media_urls"),
    "eleven parts": (SMS | {"text": "a" * 1531}, 422, "40302", "/text"),
    "unusually long": (SMS | {"text": "a" * 919, "auto_detect": True}, 400, "40328", "/text"),
    "not GSM-7": (SMS | {"text": "я", "encoding": "gsm7"}, 400, "10015", "/text"),
    "webhook that is no address": (SMS | {"webhook_url": "not a url"}, 400, "10003", "/webhook_url"),
    "webhook of another scheme": (
        SMS | {"webhook_failover_url": "ftp://x.test/"},
        400,
        "10003",
        "/webhook_failover_url",
    ),
    "webhook of 2001 characters": (
        SMS | {"webhook_url": "http://x.test/".ljust(2001, "a")},
        400,
        "10003",
        "/webhook_url",
    ),
    "sender of no form": (SMS | {"from": "123456789"}, 403, "40305", "/from"),
    "empty sender": (SMS | {"from": ""}, 403, "40305", "/from"),
    "alphanumeric too long": (ALPHA | {"from": "Telnyx Telnyx"}, 422, "40325", "/from"),
    "alphanumeric with a dash": (ALPHA | {"from": "Tel-nyx"}, 422, "40325", "/from"),
    "alphanumeric with an accent": (ALPHA | {"from": "Télnyx"}, 422, "40325", "/from"),
    "alphanumeric without a profile": (SMS | {"from": "Telnyx"}, 400, "10004", "/messaging_profile_id"),
    "alphanumeric MMS": (MMS | {"from": "Telnyx", "messaging_profile_id": EVERYDAY}, 403, "40308", "/from"),
    "alphanumeric to the US": (ALPHA | {"to": "+14155550123"}, 400, "40301", "/to"),
    "alphanumeric to Canada": (ALPHA | {"to": "+14165550123"}, 400, "40301", "/to"),
    "alphanumeric to Puerto Rico": (ALPHA | {"to": "+17875550123"}, 400, "40301", "/to"),
    "disabled profile": (SMS | {"messaging_profile_id": PROFILE + "1"}, 403, "40312", "/messaging_profile_id"),
    "spend limit": (SMS | {"messaging_profile_id": PROFILE + "4"}, 403, "40333", "/messaging_profile_id"),
    "empty pool": (
        {"to": "+1866", "text": "x", "messaging_profile_id": PROFILE + "2"},
        400,
        "40321",
        "/messaging_profile_id",
    ),
    "number of another profile": (
        SMS | {"from": "+18445559999", "messaging_profile_id": EVERYDAY},
        403,
        "40305",
        "/from",
    ),
    "number without MMS": (MMS | {"from": "+14155550190", "messaging_profile_id": EVERYDAY}, 403, "40308", "/from"),
    "no alphanumeric ID": (ALPHA | {"messaging_profile_id": PROFILE + "2"}, 403, "40306", "/from"),
    "another alphanumeric ID": (ALPHA | {"from": "Acme"}, 403, "40307", "/from"),
    "no destinations": (SMS | {"messaging_profile_id": PROFILE + "3"}, 403, "40331", "/messaging_profile_id"),
    "another destination": (SMS | {"to": "+81312345678", "messaging_profile_id": EVERYDAY}, 403, "40309", "/to"),
    "stopped": (SMS | {"to": "+18445550300", "messaging_profile_id": EVERYDAY}, 403, "40300", "/to"),
    "blocked word": (SMS | {"text": "CANNABIS", "messaging_profile_id": EVERYDAY}, 400, "40322", "/text"),
}

ACCEPTED = {
    "short code": SMS | {"from": "24273"},
    "alphanumeric": ALPHA,
    "alphanumeric with a space": ALPHA | {"from": "Tel 2026", "messaging_profile_id": "another"},
    "alphanumeric to a name": ALPHA | {"to": "somebody"},
    "pool": {"to": "+18665550001", "text": "x", "messaging_profile_id": EVERYDAY},
    "number of the profile": SMS | {"messaging_profile_id": EVERYDAY},
    "short code of a profile": SMS | {"from": "24273", "messaging_profile_id": EVERYDAY},
    "SMS-only number": SMS | {"from": "+14155550190", "messaging_profile_id": EVERYDAY},
    "receiver without a region": SMS | {"to": "somebody", "messaging_profile_id": EVERYDAY},
    "ten media": MMS | {"media_urls": ["https://www.example.com/cat.png"] * 10},
    "ten parts": SMS | {"text": "a" * 1530},
    "long MMS text": MMS | {"text": "a" * 5000},
    "usual length": SMS | {"text": "a" * 918, "auto_detect": True},
    "long webhook": SMS | {"webhook_url": "http://x.test/".ljust(2000, "a")},
    "made-up receiver": SMS | {"to": "nobody at all"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_rule_refuses_names_code_and_place(desk, case):
    body, *expected = REFUSED[case]
    assert list(desk.refused("SendMessage", body)) == expected


@pytest.mark.parametrize("case", [case for case in REFUSED if case != "not GSM-7"])
def test_scheduling_refuses_the_same(desk, case):
    body, *expected = REFUSED[case]
    assert list(desk.refused("ScheduleMessage", body | {"send_at": desk.at(600)})) == expected


@pytest.mark.parametrize("case", REFUSED)
def test_every_refusal_traces_a_rule_that_exists(desk, case):
    response = desk.ask("SendMessage", REFUSED[case][0])
    assert response.trace[0].removeprefix("rule ") in FILE.rules


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_keeps_the_rules_is_accepted(desk, case):
    assert desk.accepted("SendMessage", ACCEPTED[case])


@pytest.mark.parametrize("case", REFUSED)
def test_with_the_rules_off_everything_is_accepted(lenient, case):
    shown = lenient.accepted("SendMessage", REFUSED[case][0])
    assert 1 <= shown["parts"] <= 10
    assert shown["from"]["phone_number"] == REFUSED[case][0].get("from", "+18445550001")


CODES = ["123", "78345", "12345678"]


def test_receivers_may_have_to_be_numbers_or_short_codes(make_desk):
    desk = make_desk(to_format="e164")
    for no_number in ("415-555-0123", "+0123", "12", "123456789", "sip:a@example.com"):
        assert desk.refused("SendMessage", SMS | {"to": no_number}) == (422, "40310", "/to")
    assert desk.accepted("SendMessage", SMS)
    assert [desk.accepted("SendMessage", SMS | {"to": code})["to"][0]["phone_number"] for code in CODES] == CODES


def test_scheduling_knows_no_encoding(desk):
    message = desk.schedule(600, encoding="gsm7", text="я")
    assert desk.message(message)["encoding"] == "UTF-16"


def test_limits_are_rules(make_desk):
    desk = make_desk(max_parts=1, max_media=1, recommended_parts=0, webhook_url_max_length=20)
    assert desk.refused("SendMessage", SMS | {"text": "a" * 161})[1] == "40302"
    assert desk.refused("SendMessage", MMS | {"media_urls": ["x", "y"]})[1] == "40317"
    assert desk.refused("SendMessage", SMS | {"auto_detect": True})[1] == "40328"
    assert desk.refused("SendMessage", SMS | {"webhook_url": "https://www.example.com/"})[1] == "10003"


def test_a_receiver_always_hears_from_the_same_number_of_the_pool(desk):
    def sender(to: str) -> str:
        body = {"to": to, "text": "x", "messaging_profile_id": EVERYDAY}
        return str(desk.accepted("SendMessage", body)["from"]["phone_number"])

    receivers = [f"+1866555{number:04}" for number in range(30)]
    senders = [sender(to) for to in receivers]
    assert senders == [sender(to) for to in receivers]
    assert set(senders) == {"+18445550001", "+18445550002", "+14155550190"}
