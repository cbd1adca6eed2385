"""The pages: the one to explore on at `/_mock/`, static files of this package, and the documentation beside it."""

from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from contratempo.server import docs
from contratempo.server.guard import host_name
from contratempo.server.service import Service
from contratempo.server.settings import is_loopback

HOME: Final = "/_mock/"
PATH: Final = "/_mock/page"
"""Where the page's own files are."""
SITE: Final = Path(__file__).with_name("site")
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


_PAGES: Final = frozenset((HOME, HOME[:-1], docs.PATH))
_FOLDERS: Final = (f"{PATH}/", f"{docs.PATH}/")


def is_page(path: str) -> bool:
    """Say whether a path belongs to the pages rather than to a document."""
    return path in _PAGES or path.startswith(_FOLDERS)


def pages(service: Service) -> Starlette:
    """Return the application that serves the pages; hosts that the control plane refuses are refused here too."""
    hosts = [host.lower() for host in (service.settings.host, *service.settings.allowed_host)]

    async def guarded(request: Request, call_next: RequestResponseEndpoint) -> Response:
        host = host_name(request.headers.get("host", ""))
        if not (is_loopback(host) or host in hosts):
            return PlainTextResponse(f"No page for the host {host!r}: start with --allowed-host to have one.", 403)
        return _protected(request, await call_next(request))

    routes = [Route(HOME, _home), Route(HOME[:-1], _redirect), Route(f"{PATH}/{{name}}", _file)]
    return Starlette(
        routes=[*routes, *docs.docs_routes(service)], middleware=[Middleware(BaseHTTPMiddleware, dispatch=guarded)]
    )


async def _home(request: Request) -> Response:
    return _static("index.html")


async def _redirect(request: Request) -> Response:
    return RedirectResponse(HOME)


async def _file(request: Request) -> Response:
    return _static(request.path_params["name"])


def _static(name: str) -> Response:
    if name not in {file.name for file in SITE.iterdir()}:
        raise HTTPException(404)
    return Response((SITE / name).read_bytes(), media_type=_TYPES[Path(name).suffix])


def _protected(request: Request, response: Response) -> Response:
    of_docs = request.url.path.startswith(docs.PATH)
    response.headers["content-security-policy"] = docs.POLICY if of_docs else _POLICY
    response.headers["x-content-type-options"] = "nosniff"
    response.headers["cross-origin-resource-policy"] = "same-origin"
    if not of_docs:
        response.headers["cache-control"] = "no-store"
    return response
