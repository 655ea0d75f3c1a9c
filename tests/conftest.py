"""What every test needs, and which tests one worker runs together, where several workers share the tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

#: Tests of the dashboard that start services of their own and do without the one that the others of them share.
_APART = tuple(
    f"tests/web/test_{name}.py" for name in ("accessible", "history", "live", "pages", "plans", "rehearsal", "tabs", "words")
)

#: Tests that share services, or all there is of the machine, go to one worker: those whose ids begin with one of a row,
#: the first that fits.
_TOGETHER = (_APART, ("tests/web/",), ("tests/app/cli/",), ("tests/chaos/test_kills.py",), ("tests/chaos/",))


class Sharing(LoadScopeScheduling):
    """Hands out tests one by one, but those together that share what is dear to start; the largest groups come first.

    xdist's own groups (`loadgroup`) are marked in the ids of tests, which pytest 9.2 does not let it change.
    """

    def _split_scope(self, nodeid: str) -> str:
        for begins in _TOGETHER:
            if nodeid.startswith(begins):
                return begins[0]
        return nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Sharing(config, log)


@pytest.fixture(scope="session", autouse=True)
def known_to_the_test_client() -> Iterator[None]:
    """Starlette's test client asks for a host of its own, by which a service has to be known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGEPLAN_HOSTS", "testserver")
        yield
