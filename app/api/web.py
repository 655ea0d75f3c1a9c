"""The dashboard's files and the documentation's: whatever of the built bundle no route answers to.

The pages say `no-cache`, so a new bundle is seen at once; what they name under `assets/` carries a hash of its content
in its name and is kept forever. Without a bundle the pages say how to build one.
"""

from __future__ import annotations

from pathlib import Path

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger(__name__)

#: What a page may load: only what this service serves, and pictures that stand in its own files.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

#: Path of a page -> its file.
_PAGES = {"/": "index.html", "/docs": "docs.html"}
#: Where the documentation stood before -> where it stands.
_MOVED = {"/redoc": "/docs"}
_FOREVER = "public, max-age=31536000, immutable"

#: The pages where there is no bundle. Their words are all they have: the policy lets no style stand in them.
_PLAIN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Edgeplan</title></head>
<body>
<main>
<h1>Edgeplan</h1>
<p>The service runs. Its {what} has not been built: run <code>make web</code> at the top of the
repository, then reload.</p>
<ul>
{links}
</ul>
</main>
</body>
</html>
"""
_WITHOUT_BUNDLE = {
    "/": _PLAIN.format(
        what="dashboard",
        links="""<li><a href="/docs">The API, with examples</a></li>
<li><a href="/v1/allocations/summary">What is in force</a></li>
<li><a href="/v1/plans">Plans</a></li>""",
    ),
    "/docs": _PLAIN.format(
        what="documentation",
        links="""<li><a href="/openapi.json">The same for programs, as an OpenAPI document</a></li>""",
    ),
}


def tell_if_missing(folder: Path) -> None:
    """Log that there is no dashboard to serve, if there is none."""
    if not (folder / "index.html").is_file():
        log.warning("web.not_built", folder=str(folder), hint="make web builds the dashboard; the API does without")


class Bundle:
    """Answers what no route does: with a file of the bundle, or else as `otherwise` does."""

    def __init__(self, folder: Path, otherwise: ASGIApp) -> None:
        self._folder = folder.resolve()
        self._files = StaticFiles(directory=self._folder, check_dir=False)
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._otherwise(scope, receive, send)
            return
        answer = self._answer(scope)
        if answer is None:
            raise HTTPException(404)
        await answer(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if path in _MOVED:
            return RedirectResponse(_MOVED[path], 308)
        inside = _PAGES.get(path) or path.removeprefix("/")
        try:
            file = (self._folder / inside).resolve()
            found = file.is_relative_to(self._folder) and file.is_file()
        except (OSError, ValueError):
            # No name of a file, such as one with a NUL or one that is too long.
            return None
        if found:
            answer = self._files.file_response(file, file.stat(), scope)
        elif path in _WITHOUT_BUNDLE:
            answer = HTMLResponse(_WITHOUT_BUNDLE[path])
        else:
            return None
        kept = _FOREVER if inside.startswith("assets/") else "no-cache"
        # A 304 needs the policy, too: its headers take the place of those that a browser has kept.
        answer.headers.update({"Content-Security-Policy": POLICY, "Cache-Control": kept})
        return answer
