"""Peers that need an environment of their own, which the benchmark makes under var/bench/envs and uses again.

An extra that cannot be made or found says why; nothing is installed unless the command line asks for it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / "var" / "bench" / "envs"
SCRIPTS = Path(__file__).resolve().parent / "peers"
_PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))


@dataclass(frozen=True)
class Extra:
    """A peer in an environment of its own.

    Attributes
    ----------
    name, note : str
        What it is called, and its settings in a few words.
    requirements : tuple of str
        What pip installs; `pre` if only pre-releases are published.
    python : tuple of int
        Oldest Python it takes.
    java : int
        Oldest Java it takes; 0 for none.
    """

    name: str
    note: str
    requirements: tuple[str, ...]
    python: tuple[int, int]
    pre: bool = False
    java: int = 0

    @property
    def interpreter(self) -> Path:
        """The Python of its environment."""
        return ENVIRONMENTS / self.name / "bin" / "python"

    def command(self) -> list[str]:
        """How its script is started."""
        return [str(self.interpreter), str(SCRIPTS / f"{self.name}_peer.py")]

    def environment(self) -> dict[str, str]:
        """Environment variables of its process."""
        home = java_home(self.java) if self.java else None
        return {**os.environ, **({"JAVA_HOME": str(home)} if home else {})}

    def ready(self) -> bool:
        """Whether its environment was made completely."""
        return (ENVIRONMENTS / self.name / "installed").exists()

    def excuse(self) -> str:
        """Why it cannot run; empty if it can."""
        if self.java and java_home(self.java) is None:
            return f"not run: no Java {self.java} or newer was found"
        return "" if self.ready() else "not run: not installed (ask for it with --extras)"

    def install(self) -> str:
        """Make the environment unless it is there; the reason if that fails, else an empty text."""
        if self.java and java_home(self.java) is None:
            return f"not run: no Java {self.java} or newer was found"
        if self.ready():
            return ""
        python = find_python(self.python)
        if python is None:
            return f"not run: no Python {'.'.join(map(str, self.python))} or newer was found"
        home = ENVIRONMENTS / self.name
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        pip = [str(self.interpreter), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        for command in ([python, "-m", "venv", str(home)], [*pip, *(["--pre"] if self.pre else []), *self.requirements]):
            ended = subprocess.run(command, capture_output=True, text=True)
            if ended.returncode:
                last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
                return f"not run: it could not be installed: {last}"
        (home / "installed").touch()
        return ""


def find_python(oldest: tuple[int, int]) -> str | None:
    """A Python of at least this version on the path or among pyenv's, the oldest that will do; else one that uv brings."""
    for minor in range(oldest[1], oldest[1] + 6):
        name = f"python{oldest[0]}.{minor}"
        for found in (shutil.which(name), *sorted(_PYENV.glob(f"versions/{oldest[0]}.{minor}.*/bin/{name}"))):
            # pyenv's stand-in on the path refuses to start for versions that are installed but not chosen.
            if found and (version := _version(str(found))) is not None and version >= oldest:
                return str(found)
    found = shutil.which("python3")
    if found and (_version(found) or (0, 0)) >= oldest:
        return found
    uv = ROOT / ".tools" / "bin" / "uv"
    if uv.exists():
        wanted = ".".join(map(str, oldest))
        subprocess.run([str(uv), "python", "install", "-q", wanted], capture_output=True)
        ended = subprocess.run([str(uv), "python", "find", wanted], capture_output=True, text=True)
        if ended.returncode == 0:
            return ended.stdout.strip()
    return None


def _version(python: str) -> tuple[int, int] | None:
    ended = subprocess.run(
        [python, "-c", "import sys, venv; print(*sys.version_info[:2])"], capture_output=True, text=True
    )  # fmt: skip
    if ended.returncode:
        return None
    major, minor = ended.stdout.split()
    return int(major), int(minor)


def java_home(oldest: int) -> Path | None:
    """Home of a Java of at least this version: $JAVA_HOME, the one on the path, or one where systems keep them."""
    places = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path:
        places.append(Path(on_path).resolve().parent.parent)
    for parent in (Path("/usr/lib/jvm"), Path("/Library/Java/JavaVirtualMachines")):
        places.extend(sorted(parent.glob("*")) if parent.exists() else [])
    for home in places:
        release = home / "release"
        version = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.exists() else None
        if version and int(version[1]) >= oldest:
            return home
    return None


EXTRAS = {
    extra.name: extra
    for extra in (
        Extra(
            "timefold", "construction heuristic, then late acceptance with change, swap, ruin-and-recreate moves; one core, "
            "as the community edition has it; what is converted between Python and Java comes on top of the limit",
            ("timefold", "numpy"), (3, 10), pre=True, java=17,
        ),
        Extra(
            "rebalancer", "local search from the cheapest plan: single and swap moves to each object's own candidates",
            ("rebalancer", "numpy"), (3, 12),
        ),
    )
}  # fmt: skip
