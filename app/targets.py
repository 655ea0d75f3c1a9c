"""Requests that name their host in the target (`GET http://host/path`), as they are sent to a proxy."""

from __future__ import annotations

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")


class TargetNamesHost(HttpToolsProtocol):
    """A connection on which such a request is for the host that its target names, whatever `Host` says (RFC 9112, 3.2.2).

    The server keeps only the path of a target. Without this, who checks `Host` would not see the host that was asked for.
    """

    def on_headers_complete(self) -> None:
        """Put the host of the target in the place of `Host`. A request without exactly one `Host` is left to be refused."""
        absolute = _ABSOLUTE.match(self.url)
        said = [place for place, (name, _) in enumerate(self.headers) if name == b"host"]
        if absolute is not None and len(said) == 1:
            self.headers[said[0]] = (b"host", absolute[1])
        super().on_headers_complete()
