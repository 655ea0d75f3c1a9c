"""`python -m app.worker`: run solves for a service that runs none itself (`EDGEPLAN_RUN_JOBS=false`), or beside it."""

from __future__ import annotations

import shutil
import sys
import threading

import structlog

from app.jobs.supervisor import PATIENCE_MS, Supervisor
from app.logs import configure_logs
from app.scratch import scratch_folder
from app.settings import Settings
from app.stopping import Stopping
from app.store.opening import CannotOpen, open_own

log = structlog.get_logger(__name__)


def main() -> None:
    """Take up solves until told to stop; what runs then is given back.

    Raises
    ------
    CannotOpen
        If the store cannot be opened.
    """
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    with scratch_folder() as folder:
        told = threading.Event()
        stopping = Stopping(lambda: shutil.rmtree(folder, ignore_errors=True))
        stopping.then(told.set)
        stopping.listen()
        store = open_own(settings, PATIENCE_MS)
        supervisor = Supervisor(store, settings)
        supervisor.start()
        log.info("worker.started", owner=supervisor.owner)
        told.wait()
        supervisor.stop()
        store.close()
    log.info("worker.stopped", owner=supervisor.owner)


if __name__ == "__main__":
    try:
        main()
    except CannotOpen as error:
        sys.exit(f"error: {error}")
