"""A store is saved and brought back whole, also while it is used; its files are for their owner alone."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine
from typer.testing import CliRunner

from app.cli.main import app as cli
from app.doctor import examine
from app.identity.caller import LOCAL
from app.keeping import CannotKeep, backup, restore
from app.settings import Settings
from app.store import backups
from app.store.files import beside, create_folder, existing
from app.store.migrations import configuration
from app.store.opening import CannotOpen, open_own
from app.store.records import EntityRow
from app.store.sql import open_store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var")


def file(settings: Settings) -> Path:
    return settings.data_dir / "edgeplan.db"


def put(settings: Settings, id: str) -> None:
    with closing(open_own(settings)) as store, store.writing(LOCAL) as session:
        session.entities.put_all([EntityRow("nodes", id, 1, 1, {"id": id})], [])


def nodes(settings: Settings) -> list[str]:
    with closing(open_own(settings)) as store, store.reading() as session:
        return [body["id"] for body in session.entities.bodies("nodes")]


def edgeplan(*words: object) -> Any:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_a_backup_has_what_was_committed_last_and_is_one_file(settings: Settings, tmp_path: Path) -> None:
    with closing(open_own(settings)) as store:
        with store.writing(LOCAL) as session:
            session.entities.put_all([EntityRow("nodes", "a", 1, 1, {"id": "a"})], [])
        # The newest commits are in the log beside the file.
        assert b'{"id": "a"}' not in file(settings).read_bytes()
        made = backup(settings, tmp_path)
        with store.writing(LOCAL) as session:
            session.entities.put_all([EntityRow("nodes", "b", 1, 1, {"id": "b"})], [])
    assert made.stat().st_mode & 0o777 == 0o600
    assert not [one for one in beside(made)[1:] if one.exists()]
    with closing(sqlite3.connect(made)) as db:
        assert db.execute("SELECT id FROM entity").fetchall() == [("a",)]
    with pytest.raises(CannotKeep, match="already"):
        backup(settings, made)
    with pytest.raises(CannotKeep, match="no store"):
        backup(Settings(data_dir=tmp_path / "nowhere"), None)


def test_a_backup_is_brought_back_and_what_was_there_is_kept(settings: Settings) -> None:
    put(settings, "a")
    made = backup(settings, None)
    put(settings, "b")
    kept = restore(settings, made)
    assert nodes(settings) == ["a"]
    assert kept is not None
    restore(settings, kept)
    assert nodes(settings) == ["a", "b"]


def test_nothing_is_brought_back_under_a_running_service(settings: Settings) -> None:
    put(settings, "a")
    made = backup(settings, None)
    put(settings, "b")
    with closing(open_own(settings)), pytest.raises(CannotKeep, match="Stop it first"):
        restore(settings, made)
    # An older version does not say that it uses a store, but it does.
    with closing(sqlite3.connect(file(settings))) as other:
        other.execute("SELECT * FROM entity").fetchall()
        with pytest.raises(CannotKeep, match="Stop it first"):
            restore(settings, made)
    assert nodes(settings) == ["a", "b"]


@pytest.mark.parametrize("what", ["text", "another database", "cut off", "newer"])
def test_only_a_sound_store_is_brought_back(settings: Settings, tmp_path: Path, what: str) -> None:
    put(settings, "a")
    wrong = tmp_path / "wrong.db"
    if what == "text":
        wrong.write_text("this is no database" * 100)
    elif what == "another database":
        with closing(sqlite3.connect(wrong)) as db:
            db.execute("CREATE TABLE other (a)")
    else:
        backup(settings, wrong)
        if what == "newer":
            with closing(sqlite3.connect(wrong)) as db, db:
                db.execute("UPDATE alembic_version SET version_num = '9999'")
        else:
            wrong.write_bytes(wrong.read_bytes()[:-20_000])
    with pytest.raises(CannotKeep):
        restore(settings, wrong)
    assert nodes(settings) == ["a"]
    assert backups.made_before(file(settings)) == []


def test_a_damaged_store_is_kept_as_it_is_when_a_backup_is_brought_back(settings: Settings) -> None:
    put(settings, "a")
    made = backup(settings, None)
    file(settings).write_bytes(b"\xff" * 50_000)
    kept = restore(settings, made)
    assert kept is not None
    assert kept.read_bytes() == b"\xff" * 50_000
    assert kept.stat().st_mode & 0o777 == 0o600
    assert nodes(settings) == ["a"]


def test_files_are_for_their_owner_alone(settings: Settings) -> None:
    before = os.umask(0)
    try:
        with closing(open_own(settings)):
            found = {one.name: one.stat().st_mode & 0o777 for one in beside(file(settings))}
            backup(settings, None)
    finally:
        os.umask(before)
    assert set(found.values()) == {0o600}
    assert len(found) == 4
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in settings.data_dir.iterdir()} == {0o600}


def test_files_of_before_are_narrowed(settings: Settings) -> None:
    put(settings, "a")
    settings.data_dir.chmod(0o755)
    for one in settings.data_dir.iterdir():
        one.chmod(0o644)
    assert [one.state for one in examine(settings) if one.check == "modes"] == ["warning"]
    put(settings, "b")
    assert {one.stat().st_mode & 0o777 for one in settings.data_dir.iterdir()} == {0o600}
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700
    assert [one.state for one in examine(settings) if one.check == "modes"] == ["ok"]


def test_a_folder_that_is_not_the_stores_own_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, mode in (("shared", 0o1777), ("work", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    monkeypatch.chdir(tmp_path / "work")
    for name, mode in (("shared", 0o1777), ("work", 0o755)):
        create_folder(tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o7777 == mode


def test_a_copy_is_kept_before_tables_change(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    engine.dispose()
    open_store(url).close()
    open_store(url).close()
    [copy] = backups.made_before(tmp_path / "old.db")
    assert copy.name.endswith("-before-migration.db")
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT version_num FROM alembic_version").fetchall() == [("0004",)]


def test_what_cannot_be_opened_is_said_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    put(settings, "a")
    with closing(sqlite3.connect(file(settings))) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    cases = {
        "version 9999": settings,
        "driver": Settings(data_dir=tmp_path, database_url="postgresql+psycopg://someone:secret@127.0.0.1/none"),
        "cannot be opened": Settings(data_dir=tmp_path, database_url="no url at all"),
    }
    for words, given in cases.items():
        with pytest.raises(CannotOpen, match=words) as told:
            open_own(given)
        assert "secret" not in str(told.value)
    file(settings).write_bytes(b"\xff" * 50_000)
    with pytest.raises(CannotOpen, match="not a database"):
        open_own(settings)
    said = edgeplan("serve", "--data-dir", settings.data_dir, "--port", "0")
    assert said.exit_code == 2
    assert "Traceback" not in said.output + said.stderr


def test_the_doctor_finds_what_is_wrong(settings: Settings) -> None:
    def states() -> dict[str, str]:
        return {one.check: one.state for one in examine(settings)}

    assert states()["store"] == "warning"
    put(settings, "a")
    assert {"integrity", "version", "references", "clock", "disk", "modes", "in use"} <= states().keys()
    assert set(states().values()) <= {"ok", "warning"}
    with closing(sqlite3.connect(existing(file(settings)), uri=True)) as db, db:
        db.execute("INSERT INTO reference (kind, id, target_kind, target) VALUES ('links', 'l', 'nodes', 'nowhere')")
        db.execute("INSERT INTO event (at_ms, type, detail) VALUES (99999999999999, 'node.failed', '{}')")
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    found = states()
    assert (found["references"], found["clock"], found["version"]) == ("wrong", "warning", "wrong")
    told = edgeplan("doctor", "--data-dir", settings.data_dir, "--json")
    assert told.exit_code == 1
    file(settings).write_bytes(b"\xff" * 50_000)
    assert states()["integrity"] == "wrong"


def test_the_commands_say_what_they_did(settings: Settings, tmp_path: Path) -> None:
    put(settings, "a")
    where = ("--data-dir", settings.data_dir)
    saved = edgeplan("backup", tmp_path / "saved.db", *where)
    assert (saved.exit_code, "Saved as" in saved.stdout) == (0, True)
    assert edgeplan("backup", tmp_path / "saved.db", *where).exit_code == 2
    put(settings, "b")
    assert edgeplan("restore", tmp_path / "saved.db", *where).exit_code == 2
    restored = edgeplan("restore", tmp_path / "saved.db", *where, "--yes")
    assert (restored.exit_code, "before-restore" in restored.stdout) == (0, True)
    assert nodes(settings) == ["a"]
    told = edgeplan("doctor", *where)
    assert told.exit_code == 0
    assert "integrity" in told.stdout
