"""Handing something from one process to another that has to get along without the first at any moment.

A mailbox is two files in memory, written by turns, each record with its number, its length and a checksum. Whatever
becomes of the writer in the middle of a record, the one before it is whole; and nothing is left behind on a disk.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import reduction
from typing import Any

import numpy as np

from solver.packing import IntArray

#: Number of the record (from 1), bytes that follow, their CRC-32.
_HEAD = struct.Struct("<qqq")


class Mailbox:
    """Records of bytes, of which the newest two are kept. One process writes, another reads.

    It may be inherited by a fork, or be an argument of a process that multiprocessing starts.
    """

    def __init__(self) -> None:
        self._files = [os.memfd_create("edgeplan-handover") for _ in range(2)]
        self._written = 0

    def put(self, parts: Iterable[bytes | memoryview]) -> None:
        """Write the next record, over the last but one. Parts are bytes; the reader gets them as one piece."""
        number = self._written + 1
        file = self._files[number % 2]
        checksum, at = _begin(number), _HEAD.size
        os.ftruncate(file, 0)
        for part in parts:
            checksum = zlib.crc32(part, checksum)
            at = _write(file, memoryview(part), at)
        _write(file, memoryview(_HEAD.pack(number, at - _HEAD.size, checksum)), 0)
        self._written = number

    def newest(self) -> Iterator[memoryview]:
        """The records that are whole, newest first: two at most."""
        whole = [record for record in map(_read, self._files) if record is not None]
        for _, body in sorted(whole, key=lambda record: -record[0]):
            yield body

    @property
    def empty(self) -> bool:
        """Whether no record has been begun yet. Cheap."""
        return all(os.fstat(file).st_size == 0 for file in self._files)

    def close(self) -> None:
        """Let go of this process's hold on the files."""
        for file in self._files:
            os.close(file)
        self._files = []

    def __getstate__(self) -> dict[str, Any]:
        return {"files": [reduction.DupFd(file) for file in self._files], "written": self._written}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._files = [file.detach() for file in state["files"]]
        self._written = state["written"]


def _begin(number: int) -> int:
    """What the checksum starts from, so that a record under another's number does not pass."""
    return zlib.crc32(number.to_bytes(8, "little"))


def _write(file: int, part: memoryview, at: int) -> int:
    """Write all of a part, which the system may take in pieces; returns where it ends."""
    while part:
        done = os.pwrite(file, part, at)
        part, at = part[done:], at + done
    return at


def _read(file: int) -> tuple[int, memoryview] | None:
    """Number and bytes of the record in a file, or None if it is torn or absent."""
    size = os.fstat(file).st_size
    if size <= _HEAD.size:
        return None
    raw = bytearray(size)
    at = 0
    while at < size:
        got = os.preadv(file, [memoryview(raw)[at:]], at)
        if got == 0:
            return None
        at += got
    number, length, checksum = _HEAD.unpack_from(raw)
    body = memoryview(raw)[_HEAD.size :]
    if number < 1 or length != len(body) or zlib.crc32(body, _begin(number)) != checksum:
        return None
    return number, body


def packed(arrays: Sequence[IntArray]) -> list[memoryview]:
    """Arrays as a record: how many there are, the size of each, and then what is in them."""
    sizes = np.array([len(arrays), *(array.size for array in arrays)], dtype=np.int64)
    return [np.ascontiguousarray(part, dtype=np.int64).view(np.uint8).data for part in (sizes, *arrays)]


def unpacked(body: memoryview) -> list[IntArray]:
    """The arrays in a record that :func:`packed` made."""
    words = np.frombuffer(body, dtype=np.int64)
    count = int(words[0])
    sizes, rest = words[1 : 1 + count], words[1 + count :]
    return np.split(rest, np.cumsum(sizes)[:-1])
