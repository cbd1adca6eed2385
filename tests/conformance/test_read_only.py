"""What may be asked of a real deployment: only GET is sent, and every claim is the vendored document's or its prose's.

Unlike the other suites this one needs no permission to leave the machine. CONTRATEMPO_TOKEN is the token;
CONTRATEMPO_ASSISTANT is the id of an assistant that exists there.
"""

import os
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from contratempo.contract.contract import Contract
from contratempo.contract.document import read_document
from contratempo.data import data_root

DOCUMENTS = ("assistants-create_scheduled_event.yaml", "assistants-get_scheduled_events.yaml")
SIZES = {"page[size]": ("0", "101", "abc", "-1"), "page[number]": ("0", "abc")}
BROKEN = [
    *[{name: value} for name, values in SIZES.items() for value in values],
    {"conversation_channel": "fax"},
    {"from_date": "yesterday"},
    {"to_date": "2026-13-01T00:00:00Z"},
]
MOST_PAGES = 3
SWITCH = "our own mock takes any token unless it is started with --known-key"


class Reader:
    """Reads the lists of an assistant; it has no way to send anything but GET."""

    def __init__(self, http: httpx2.Client, base: str, assistant: str, token: str) -> None:
        self._http, self._base, self._token = http, base, token
        self.events = f"/ai/assistants/{assistant}/scheduled_events"

    def get(self, path: str, *, token: str | None = "", **params: str) -> httpx2.Response:
        """GET with the target's own token, with another one, or (None) with none."""
        sent = self._token if token == "" else token
        headers = {} if sent is None else {"Authorization": f"Bearer {sent}"}
        return self._http.get(self._base + path, params=params, headers=headers)


@pytest.fixture(scope="module")
def contract() -> Contract:
    files = [data_root("specs") / "telnyx" / name for name in DOCUMENTS]
    return Contract(read_document("telnyx_assistants", files, []))


@pytest.fixture(scope="module")
def reader(target: Any, http: httpx2.Client) -> Reader:
    assistant = os.environ.get("CONTRATEMPO_ASSISTANT", "assistant_id")
    return Reader(http, target.url("telnyx_assistants"), assistant, target.token)


def check_list(contract: Contract, response: httpx2.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    media_type, headers = response.headers["Content-Type"], tuple(response.headers.items())
    assert not contract.check_response("get_scheduled_events", 200, media_type, page, headers)
    return page


def check_refusal(response: httpx2.Response, *statuses: int) -> None:
    assert response.status_code in statuses, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.json()


def test_a_list_is_as_documented_and_its_page_is_the_default_one(reader: Reader, contract: Contract) -> None:
    page = check_list(contract, reader.get(reader.events))
    assert (page["meta"]["page_number"], page["meta"]["page_size"]) == (1, 20)
    assert len(page["data"]) <= 20


@pytest.mark.parametrize("size", [1, 2, 100])
def test_pages_are_what_their_meta_says(size: int, reader: Reader, contract: Contract) -> None:
    number, pages = 1, 1
    while number <= min(pages, MOST_PAGES):
        response = reader.get(reader.events, **{"page[size]": str(size), "page[number]": str(number)})
        meta = check_list(contract, response)["meta"]
        assert (meta["page_number"], meta["page_size"]) == (number, size)
        assert meta["total_pages"] == -(-meta["total_results"] // size)
        left = meta["total_results"] - size * (number - 1)
        assert len(response.json()["data"]) == max(0, min(size, left))
        number, pages = number + 1, meta["total_pages"]


@pytest.mark.parametrize("channel", ["phone_call", "sms_chat"])
def test_a_channel_filters(channel: str, reader: Reader, contract: Contract) -> None:
    page = check_list(contract, reader.get(reader.events, conversation_channel=channel))
    assert {event["telnyx_conversation_channel"] for event in page["data"]} <= {channel}


def test_dates_are_taken_with_any_offset(reader: Reader, contract: Contract) -> None:
    bounds = {"from_date": "2026-03-15T15:00:00+05:30", "to_date": "2026-03-16T15:00:00Z"}
    check_list(contract, reader.get(reader.events, **bounds))


@pytest.mark.parametrize("query", BROKEN, ids=str)
def test_a_query_that_breaks_the_document_is_refused(query: dict[str, str], reader: Reader, contract: Contract) -> None:
    response = reader.get(reader.events, **query)
    check_refusal(response, 422)
    assert not contract.check_response("get_scheduled_events", 422, "application/json", response.json(), ())


@pytest.mark.parametrize("token", [None, "not-a-key"])
def test_without_a_good_token_nothing_is_told(token: str | None, reader: Reader) -> None:
    response = reader.get(reader.events, token=token)
    assert response.status_code == 401, f"answered {response.status_code} to token {token!r}; {SWITCH}"
    check_refusal(response, 401)


@pytest.mark.parametrize("path", ["{events}/{id}", "/messages/{id}"])
def test_an_unknown_id_is_refused(path: str, reader: Reader) -> None:
    check_refusal(reader.get(path.format(events=reader.events, id=uuid4())), 400, 404, 422)
