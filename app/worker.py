"""`python -m app.worker`: run solves for a service that runs none itself (`EDGEPLAN_RUN_JOBS=false`), or beside it."""

from __future__ import annotations

import shutil
import threading

import structlog

from app.jobs.supervisor import PATIENCE_MS, Supervisor
from app.logs import configure_logs
from app.scratch import scratch_folder
from app.settings import Settings
from app.stopping import Stopping
from app.store.sql import open_store

log = structlog.get_logger(__name__)


def main() -> None:
    """Take up solves until told to stop; what runs then is given back."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with scratch_folder() as folder:
        told = threading.Event()
        stopping = Stopping(lambda: shutil.rmtree(folder, ignore_errors=True))
        stopping.then(told.set)
        stopping.listen()
        store = open_store(settings.store_url, settings.events_kept, PATIENCE_MS)
        supervisor = Supervisor(store, settings)
        supervisor.start()
        log.info("worker.started", owner=supervisor.owner)
        told.wait()
        supervisor.stop()
        store.close()
    log.info("worker.stopped", owner=supervisor.owner)


if __name__ == "__main__":
    main()
