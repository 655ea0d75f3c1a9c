"""What a person sees in a terminal: a picture that moves, questions, and Ctrl-C that does what it should."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.app.cli.conftest import Edgeplan, asking, document, told
from tests.app.cli.terminal import terminal


def base_of(client: httpx.Client) -> str:
    return str(client.base_url)


def test_ctrl_c_leaves_the_plan_alone(idle: httpx.Client) -> None:
    id = document(asking(idle)("plan", "submit", "--all", "--name", "long one", "--json"))["id"]
    with terminal(base_of(idle), "plan", "watch", id) as screen:
        screen.wait_for("waiting for a solver")
        assert "long one" in screen.text
        screen.type("\x03")
        assert screen.ended() == 130
    assert f"edgeplan plan cancel {id[:8]}" in screen.text
    assert "Traceback" not in screen.text
    # The cursor that the picture hid is there again.
    assert screen.printed.rindex("\x1b[?25h") > screen.printed.rindex("\x1b[?25l")
    assert idle.get(f"/v1/plans/{id}").json()["status"] == "queued"


def test_a_watched_plan_ends_with_its_figures(tiny: httpx.Client) -> None:
    with terminal(base_of(tiny), "plan", "submit", "--all", "--name", "from a terminal", "--watch") as screen:
        assert screen.ended() == 0
    assert "is finished." in screen.text
    assert "proven optimal" in screen.text
    assert "edgeplan plan apply" in screen.text


def test_applying_shows_and_asks(tiny: httpx.Client) -> None:
    told(asking(tiny)("plan", "submit", "--workloads", "cameras", "--watch"))
    for answer, code, status in (("n\n", 1, []), ("y\n", 0, ["placed"])):
        with terminal(base_of(tiny), "plan", "apply", "latest") as screen:
            screen.wait_for("the allocation? [y/N]")
            assert "1 newly placed" in screen.text
            assert "cameras" in screen.text
            screen.type(answer)
            assert screen.ended() == code
        assert [row["status"] for row in tiny.get("/v1/allocations").json()["items"]] == status
    assert "is in force since generation" in screen.text


@pytest.mark.parametrize("keys", ["\x03", "\x04"])
def test_leaving_a_question_does_nothing(tiny: httpx.Client, keys: str) -> None:
    told(asking(tiny)("plan", "submit", "--workloads", "cameras", "--watch"))
    with terminal(base_of(tiny), "plan", "apply", "latest") as screen:
        screen.wait_for("[y/N]")
        assert screen.leave(keys) == 130
    assert "Traceback" not in screen.text
    assert tiny.get("/v1/allocations").json()["items"] == []


def test_colours_are_for_those_who_want_them(tiny: httpx.Client) -> None:
    colour = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    with terminal(base_of(tiny), "node", "list") as screen:
        assert screen.ended() == 0
    assert colour.search(screen.printed)
    with terminal(base_of(tiny), "node", "list", NO_COLOR="1") as screen:
        assert screen.ended() == 0
    assert not colour.search(screen.printed)
    with terminal(base_of(tiny), "node", "list", TERM="dumb") as screen:
        assert screen.ended() == 0
    assert "\x1b" not in screen.printed


def test_a_narrow_terminal_is_wide_enough(tiny: httpx.Client) -> None:
    told(asking(tiny)("plan", "submit", "--all", "--apply", "--yes"))
    for line in (
        "plan show", "plan list", "plan compare latest", "node list", "node show hub", "network show", "allocation show",
        "allocation list", "explain cameras", "explain stop-button",
    ):  # fmt: skip
        with terminal(base_of(tiny), *line.split(), columns=44) as screen:
            assert screen.ended() == 0
        assert max(map(len, screen.text.splitlines())) <= 44, line
        # Ids are broken where they have to be, and never cut.
        assert "…" not in screen.text, line


def test_a_file_gets_whole_lines_and_no_control(tiny: httpx.Client, tmp_path: Path) -> None:
    told(asking(tiny)("plan", "submit", "--all", "--watch"))
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "--server", base_of(tiny), "plan", "show"], capture_output=True, text=True
    )
    assert ended.returncode == 0
    assert "\x1b" not in ended.stdout
    assert all(line == line.rstrip() for line in ended.stdout.splitlines())


def test_a_reader_that_leaves_early_is_no_fault(tiny: httpx.Client) -> None:
    command = [sys.executable, "-m", "app.cli", "--server", base_of(tiny), "network", "export"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_ctrl_c_ends_a_stream_of_events(tiny: httpx.Client, edgeplan: Edgeplan) -> None:
    command = [sys.executable, "-m", "app.cli", "--server", base_of(tiny), "events", "--last", "1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        told(edgeplan("node", "fail", "hub"))
        while '"node.failed"' not in process.stdout.readline():
            continue
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert json.loads(process.stderr.read())["code"] == "interrupted"


def test_the_service_is_started_and_stopped(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        while "Edgeplan is at" not in (line := process.stdout.readline()):
            assert line
        assert not line.rstrip().endswith(":0,")
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.stdout.read()
        assert process.wait(60) == 0
    assert (tmp_path / "edgeplan.db").is_file()


def test_a_setting_that_is_not_right_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.cli", "serve", "--data-dir", str(tmp_path)]
    wrong = subprocess.run(command, env={"EDGEPLAN_MAX_SECONDS": "soon"}, capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "EDGEPLAN_MAX_SECONDS" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_service_that_cannot_start_says_why(idle: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    port = str(idle.base_url.port)
    for options, words in (
        (["--port", port, "--data-dir", str(tmp_path / "store")], f"Port {port} of 127.0.0.1"),
        (["--port", "0", "--data-dir", str(tmp_path / "file" / "below")], "cannot be used"),
        (["--port", "0", "--host", "no.such.host.invalid", "--data-dir", str(tmp_path / "store")], "no.such.host.invalid"),
    ):
        ended = subprocess.run([sys.executable, "-m", "app.cli", "serve", *options], capture_output=True, text=True)
        assert ended.returncode == 2
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr
