"""The documentation page below `/_mock/docs`: Swagger UI over every document in force, offline."""

import json
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from contratempo.server.service import Service

PATH: Final = "/_mock/docs"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Contratempo: documents in force</title>
<link rel="stylesheet" href="{PATH}/assets/swagger-ui.css">
<link rel="icon" href="{PATH}/assets/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{PATH}/assets/swagger-ui-bundle.js"></script>
<script src="{PATH}/assets/swagger-ui-standalone-preset.js"></script>
<script src="{PATH}/start.js"></script>
</body>
</html>
"""
_START: Final = """
// Off loopback the control plane asks for the token that was printed at the start: it is asked for once a tab.
async function token() {
  const kept = sessionStorage.getItem('contratempo-token');
  const open = await fetch('/_mock/clock', {headers: kept ? {'X-Mock-Token': kept} : {}});
  if (open.status !== 401) return kept;
  const given = prompt('The control token, as printed when the server started');
  if (given) sessionStorage.setItem('contratempo-token', given);
  return given;
}
token().then(key => SwaggerUIBundle({
  urls,
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
  requestInterceptor: request => {
    const url = new URL(request.url, location.href);
    const ours = url.origin === location.origin && url.pathname.startsWith('/_mock/');
    if (key && ours) request.headers['X-Mock-Token'] = key;
    return request;
  },
}));
"""


def docs_routes(service: Service) -> list[BaseRoute]:
    """Return the routes below `/_mock/docs`."""

    async def page(request: Request) -> Response:
        return HTMLResponse(_PAGE)

    async def start(request: Request) -> Response:
        return Response(_start_script(service), media_type="text/javascript")

    return [
        Route(PATH, page),
        Route(f"{PATH}/start.js", start),
        Mount(f"{PATH}/assets", StaticFiles(packages=[("swagger_ui", "static")])),
    ]


def _start_script(service: Service) -> str:
    urls = [
        {"name": provider.title, "url": f"/_mock/contracts/{name}/openapi.json"}
        for name, provider in sorted(service.providers.items(), key=lambda item: item[0] == "control")
    ]
    return f"const urls = {json.dumps(urls)};\n{_START}"
