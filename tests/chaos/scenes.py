"""How every run begins and ends: a service is told the little world; then everything comes to rest and is read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.chaos import world
from tests.chaos.asking import Asker, Notes
from tests.chaos.checker import check
from tests.chaos.history import History
from tests.chaos.services import Process, until


def tell(service: Process) -> int:
    """Tell a service the world; the generation that this comes to."""
    generation = 0
    for name, document in world.DOCUMENTS:
        status, answer = service.ask("PUT", f"/v1/{name}", document)
        assert status == 200, answer
        generation = answer["generation"]
    return generation


def at_rest(service: Process, notes: Notes, begin: int) -> History:
    """The history of a run whose clients have gone, once what nobody answered was asked again and every plan has ended."""
    service.until_ready()
    with closing(Asker("auditor", service.port, notes)) as auditor:
        auditor.ask_again()
        until(lambda: not _open(auditor), "plans did not end")
        return notes.history(begin, world.entities(), auditor.end())


def judged(history: History, folder: Path) -> None:
    """Keep a history, and see that nothing is wrong with it.

    Raises
    ------
    AssertionError
        With what is wrong.
    """
    history.save(folder / "history.json")
    found = check(history)
    print(f"{len(history.calls)} requests judged, {len(found)} faults")
    assert not found, "\n".join([f"{len(found)} faults in {folder / 'history.json'}", *map(str, found[:50])])


def _open(auditor: Asker) -> bool:
    """Whether a plan has not ended."""
    return any(plan["finished_at"] is None for plan in auditor.pages("/v1/plans"))
