"""The stream of what happens in a world."""

from contratempo.provider import Request, Response
from contratempo.server.control.clock import describe_clock
from contratempo.server.readers import MEDIA_TYPE
from contratempo.server.service import Service
from contratempo.server.stream import Feed
from contratempo.server.worlds import World


async def stream_events(service: Service, world: World, request: Request) -> Response:
    """Answer with a stream, which is sent as it comes about; Refusal 429 when there are too many readers."""
    settings, query = service.settings, request.query
    until = service.realtime() + query["seconds"] if "seconds" in query else None
    feed = Feed(
        world,
        describe_clock,
        lambda: service.closing or world.gone,
        f"{service.readers.stamp}{world.serial:x}",
        lambda: (*settings.known_key, settings.control_token or ""),
    )
    stream = service.readers.open(
        feed,
        request.headers.get("last-event-id"),
        limit=query.get("limit"),
        left=lambda: None if until is None else until - service.realtime(),
    )
    first = {"id": str(feed.present()), "event": "clock", "data": "{}"}  # the document tells what each event is like
    return Response(200, first, media_type=MEDIA_TYPE, stream=stream)
