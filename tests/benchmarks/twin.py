"""What a developer writes by hand with FastAPI for the same four exchanges: validated both ways, state kept."""

import uuid
from collections import defaultdict
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

NOW = datetime(2025, 4, 1, tzinfo=UTC)
Channel = Literal["phone_call", "sms_chat"]


class CreateEvent(BaseModel):
    """The body of a create."""

    telnyx_conversation_channel: Channel
    telnyx_end_user_target: str
    telnyx_agent_target: str
    scheduled_at_fixed_datetime: datetime
    text: str | None = None
    conversation_metadata: dict[str, str | int | bool] = {}
    dynamic_variables: dict[str, str] = {}
    max_retries_client_errors: Annotated[int, Field(ge=0, le=10)] = 0
    retry_interval_secs: Annotated[int, Field(ge=60, le=86400)] | None = None


class Event(CreateEvent):
    """A scheduled event."""

    assistant_id: str
    scheduled_event_id: str
    created_at: datetime
    status: Literal["pending", "in_progress", "completed", "failed"] = "pending"
    retry_count: int = 0
    call_attempts: list[dict[str, str | int]] = []


class Meta(BaseModel):
    """Where a page stands in its list."""

    total_pages: int
    total_results: int
    page_number: int
    page_size: int


class Page(BaseModel):
    """A page of events."""

    meta: Meta
    data: list[Event]


class CreateMessage(BaseModel):
    """The body of a scheduled message."""

    to: str
    sender: Annotated[str | None, Field(alias="from")] = None
    messaging_profile_id: str | None = None
    text: str | None = None
    subject: str | None = None
    media_urls: list[str] = []
    webhook_url: str | None = None
    webhook_failover_url: str | None = None
    use_profile_webhooks: bool = True
    type: Literal["SMS", "MMS"] = "SMS"
    auto_detect: bool = False
    send_at: datetime | None = None


class Receiver(BaseModel):
    """One receiver of a message and how far it came."""

    phone_number: str
    status: Literal["queued", "sending", "sent", "delivered"] = "queued"


class Sender(BaseModel):
    """The sender of a message."""

    phone_number: str | None


class Message(BaseModel):
    """A message as answered."""

    record_type: Literal["message"] = "message"
    direction: Literal["outbound"] = "outbound"
    id: str
    type: Literal["SMS", "MMS"]
    sender: Annotated[Sender, Field(serialization_alias="from")]
    to: list[Receiver]
    text: str | None
    parts: Annotated[int, Field(ge=1, le=10)] = 1
    received_at: datetime
    send_at: datetime | None


class Envelope(BaseModel):
    """The wrapping of an answered message."""

    data: Message


app = FastAPI(dependencies=[Depends(HTTPBearer())])
events: defaultdict[str, list[Event]] = defaultdict(list)
messages: dict[str, Message] = {}


@app.post("/v2/ai/assistants/{assistant_id}/scheduled_events", status_code=201)
async def create_event(assistant_id: str, body: CreateEvent) -> Event:
    if body.scheduled_at_fixed_datetime < NOW:
        raise HTTPException(422, "in the past")
    event = Event(**body.model_dump(), assistant_id=assistant_id, scheduled_event_id=str(uuid.uuid4()), created_at=NOW)
    events[assistant_id].append(event)
    return event


@app.get("/v2/ai/assistants/{assistant_id}/scheduled_events")
async def list_events(
    assistant_id: str,
    size: Annotated[int, Query(alias="page[size]", ge=1, le=100)] = 20,
    number: Annotated[int, Query(alias="page[number]", ge=1)] = 1,
    from_date: datetime | None = None,
    to_date: datetime | None = None,
    conversation_channel: Channel | None = None,
) -> Page:
    found = [
        event
        for event in events[assistant_id]
        if (from_date is None or event.scheduled_at_fixed_datetime >= from_date)
        and (to_date is None or event.scheduled_at_fixed_datetime <= to_date)
        and conversation_channel in (None, event.telnyx_conversation_channel)
    ]
    meta = Meta(total_pages=-(-len(found) // size), total_results=len(found), page_number=number, page_size=size)
    return Page(meta=meta, data=found[(number - 1) * size : number * size])


@app.post("/v2/messages/schedule")
async def schedule_message(body: CreateMessage) -> Envelope:
    message = Message(
        id=str(uuid.uuid4()),
        type=body.type,
        sender=Sender(phone_number=body.sender),
        to=[Receiver(phone_number=body.to)],
        text=body.text,
        received_at=NOW,
        send_at=body.send_at,
    )
    messages[message.id] = message
    return Envelope(data=message)
