"""The dashboard's files: whatever of the built bundle no route answers to.

The page says `no-cache`, so a new bundle is seen at once; what it names under `assets/` carries a hash of its content
in its name and is kept forever. Without a bundle the page says how to build one.
"""

from __future__ import annotations

from pathlib import Path

import structlog
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger(__name__)

#: What the page may load: only what this service serves, and pictures that stand in its own files.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_GUARDED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_FOREVER = "public, max-age=31536000, immutable"

#: The page where there is no bundle. Its words are all it has: the policy lets no style stand in it.
_PLAIN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Edgeplan</title></head>
<body>
<main>
<h1>Edgeplan</h1>
<p>The service runs. Its dashboard has not been built: run <code>make web</code> at the top of the
repository, then reload.</p>
<ul>
<li><a href="/docs">The API, with examples</a></li>
<li><a href="/v1/allocations/summary">What is in force</a></li>
<li><a href="/v1/plans">Plans</a></li>
</ul>
</main>
</body>
</html>
"""


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
        inside = scope["path"].removeprefix("/") or "index.html"
        try:
            file = (self._folder / inside).resolve()
            found = file.is_relative_to(self._folder) and file.is_file()
        except (OSError, ValueError):
            # No name of a file, such as one with a NUL or one that is too long.
            return None
        if found:
            answer = self._files.file_response(file, file.stat(), scope)
        elif scope["path"] == "/":
            answer = HTMLResponse(_PLAIN)
        else:
            return None
        answer.headers.update(_GUARDED | {"Cache-Control": _FOREVER if inside.startswith("assets/") else "no-cache"})
        return answer
