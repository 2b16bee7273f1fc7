"""The page on which a developer reads the contract and tries it out, without a byte from anybody else's server.

The viewer is Swagger UI, whose files come inside the package `fastapi-offline`; nothing else of that package is used.
The page may load scripts, styles and data from this server only, and runs no script that stands in it.
"""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response

STATIC = Path(str(files("fastapi_offline"))) / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI writes styles, never scripts, into its elements, and carries its pictures as data."""

PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rung: the contract</title>
<link rel="icon" href="docs/icon.png">
<link rel="stylesheet" href="docs/viewer.css">
<div id="viewer"></div>
<script src="docs/viewer.js"></script>
<script src="docs/start.js"></script>
</html>
"""

START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
});
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def show_contract() -> HTMLResponse:
    """The page."""
    return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"})


@router.get("/docs/start.js")
async def start_viewer() -> Response:
    """What tells the viewer where the document is."""
    return Response(START, media_type="text/javascript")


@router.get("/docs/viewer.js")
async def viewer_script() -> FileResponse:
    """Swagger UI."""
    return FileResponse(STATIC / "swagger-ui-bundle.js", media_type="text/javascript")


@router.get("/docs/viewer.css")
async def viewer_style() -> FileResponse:
    """Its looks."""
    return FileResponse(STATIC / "swagger-ui.css", media_type="text/css")


@router.get("/docs/icon.png")
async def viewer_icon() -> FileResponse:
    """Its sign."""
    return FileResponse(STATIC / "favicon.png", media_type="image/png")
