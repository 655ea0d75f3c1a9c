"""Files that are given to commands: requests, and the documents of which a network is made."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from app.cli.failures import BadInput

#: Document -> the lists that it holds, in the order in which documents can name each other.
PARTS: dict[str, tuple[str, ...]] = {
    "catalogue": ("accelerators", "profiles"),
    "network": ("nodes", "links", "sites", "accesses"),
    "policies": ("policies",),
    "workloads": ("workloads",),
}
#: Document -> names of its file in a folder.
_FILES: dict[str, tuple[str, ...]] = {
    "catalogue": ("catalogue.json",),
    "network": ("network.json",),
    "policies": ("policies.json",),
    "workloads": ("workloads.json", "request.json"),
}

Document = dict[str, Any]


def read_json(path: Path) -> Document:
    """The object in a JSON file; `-` is standard input.

    Raises
    ------
    BadInput
        If it cannot be read, or is not an object.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        value = json.loads(text)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not text in UTF-8: {error}.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadInput(f"{path} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise BadInput(f"{path} holds no JSON object.")
    return value


def documents(path: Path, wanted: list[str]) -> dict[str, Document]:
    """The documents in a file, or in the files of a folder, in the order in which they are to be stored.

    A file may hold several documents, and need not be named as what it holds. `wanted` leaves out all others.
    """
    given = _in_folder(path) if path.is_dir() else _in_file(path, read_json(path))
    found = {name: given[name] for name in PARTS if name in given and (not wanted or name in wanted)}
    absent = [name for name in wanted if name not in given]
    if absent:
        raise BadInput(f"{path} holds no {absent[0]}; it holds {', '.join(given)}.")
    return found


def _in_folder(folder: Path) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for name, files in _FILES.items():
        present = [folder / file for file in files if (folder / file).is_file()]
        if present:
            within = _in_file(present[0], read_json(present[0]))
            if name not in within:
                raise BadInput(f"{present[0]} holds no {name}.")
            found[name] = within[name]
    if not found:
        names = ", ".join(files[0] for files in _FILES.values())
        raise BadInput(f"{folder} holds none of {names}.")
    return found


def _in_file(path: Path, whole: Document) -> dict[str, Document]:
    """A file taken apart into documents."""
    found: dict[str, Document] = {}
    for name, kinds in PARTS.items():
        lists = {kind: whole[kind] for kind in kinds if kind in whole}
        if lists:
            heads = ("format", "name", "money") if name == "network" else ("format", "name")
            head = {key: whole[key] for key in heads if key in whole}
            found[name] = head | lists
    if not found:
        raise BadInput(
            f"{path} is no document of a network: it has none of {', '.join(k for kinds in PARTS.values() for k in kinds)}."
        )
    return found
