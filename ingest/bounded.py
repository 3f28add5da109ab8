"""Reads what others made within limits: nothing is extracted, run, or held beyond a stated size.

Each error names the file, what is wrong with it and what was expected.
"""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import pyarrow as pa

from ingest.errors import NothingToImport, UnreadableFile

Read = TypeVar("Read")
PACKED = {".gz": "gzip", ".zst": "zstd"}
"""How a file is compressed, by the end of its name."""
BUFFER = 2**17
"""Bytes that are unpacked at a time."""
LARGEST_DOCUMENT = 256 * 2**20
"""Bytes of one JSON document, which is held in memory whole."""
LARGEST_RATIO = 500
"""Unpacked to packed bytes. Real logs have up to 20; a bomb has 1,000 and more."""
SMALL_ARCHIVE = 2**20
"""Bytes that anything may unpack to, whatever its ratio."""
ZSTANDARD = 93
"""The compression of recent Inspect logs, which Python's zipfile reads from 3.14 on."""
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, ZSTANDARD)
DAMAGED = (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, zlib.error, struct.error)
"""What reading a broken archive raises."""
LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Of a zip member: signature, length of its name, length of its extra field."""


def find_files(path: Path, endings: Sequence[str], *, links: bool = False) -> list[Path]:
    """Return `path` where it is a file, else the files below it, in order.

    Links are passed over, for they could bring in any file, unless the folder is a download of our
    own, whose files are `links`. So are hidden files and folders, such as `.DS_Store` and
    checkpoints. Raises `NothingToImport`.
    """
    if path.is_file():
        return [path]
    found = [
        file
        for file in sorted(path.rglob("*"))
        if file.name.endswith(tuple(endings))
        and file.is_file()
        and (links or not file.is_symlink())
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    if not found:
        raise NothingToImport(f"{path} has no file whose name ends in {' or '.join(endings)}.")
    return found


def read_each(
    files: Iterable[Path], read: Callable[[Path], Iterable[Read]]
) -> tuple[list[Read], list[tuple[Path, str]]]:
    """Return what `read` finds in the files, and those that it cannot read, with the reason."""
    found: list[Read] = []
    refused: list[tuple[Path, str]] = []
    for file in files:
        try:
            found += list(read(file))  # all of it or nothing
        except UnreadableFile as error:
            refused.append((file, str(error)))
    return found, refused


class Unpacked(io.RawIOBase):
    """What a compressed file unpacks to; reading raises `UnreadableFile` beyond what a log has."""

    def __init__(self, path: Path, stream: pa.CompressedInputStream) -> None:
        self._path, self._stream = path, stream
        self._left = max(path.stat().st_size * LARGEST_RATIO, SMALL_ARCHIVE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._stream.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise UnreadableFile(
                f"{self._path} unpacks to more than {LARGEST_RATIO} times its size, which no log "
                "does."
            )
        return count


@contextmanager
def open_unpacked(path: Path) -> Iterator[io.BufferedReader]:
    """Open a file to be read, unpacked where its name says that it is compressed.

    Raises `UnreadableFile`, also while it is read.
    """
    try:
        with path.open("rb") as file:
            if path.suffix not in PACKED:
                yield file
                return
            with pa.CompressedInputStream(file, PACKED[path.suffix]) as stream:
                yield io.BufferedReader(Unpacked(path, stream), BUFFER)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}") from error


def unpacked_name(path: Path) -> str:
    """`a.jsonl` is what `a.jsonl.gz` unpacks to."""
    return path.stem if path.suffix in PACKED else path.name


def read_document(path: Path) -> dict[str, Any]:
    """Read a file that is one JSON object; raises `UnreadableFile`."""
    with open_unpacked(path) as file:
        content = file.read(LARGEST_DOCUMENT + 1)
    return parse_document(content, str(path))


def parse_json(content: bytes, where: str, largest: int = LARGEST_DOCUMENT) -> Any:
    """The value that `content` is in JSON; raises `UnreadableFile`."""
    if len(content) > largest:
        raise UnreadableFile(f"{where} has more than {largest >> 20} MB of JSON.")
    try:
        return json.loads(content)
    except RecursionError as error:
        raise UnreadableFile(f"{where} is nested too deep to be a log.") from error
    except ValueError as error:
        raise UnreadableFile(f"{where} is no JSON: {error}.") from error


def parse_document(content: bytes, where: str) -> dict[str, Any]:
    document = parse_json(content, where, LARGEST_DOCUMENT)
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise UnreadableFile(f"{where} holds a {kind}, expected a JSON object.")
    return document


class Archive:
    """A zip file whose members are read one at a time."""

    def __init__(self, path: Path, file: zipfile.ZipFile) -> None:
        self.path = path
        self._zip = file
        self._members = {member.filename: member for member in file.infolist()}
        self._check()

    def _check(self) -> None:
        """Raise `UnreadableFile` for what no tool writes and an attacker would."""
        members = self._zip.infolist()
        packed = self.path.stat().st_size
        unpacked = sum(member.file_size for member in members)
        if unpacked > max(packed * LARGEST_RATIO, SMALL_ARCHIVE):
            raise UnreadableFile(
                f"{self.path} unpacks to {unpacked:,} bytes from {packed:,}: more than "
                f"{LARGEST_RATIO} times its size, which no log does."
            )
        if len(self._members) < len(members):
            raise UnreadableFile(f"{self.path} has two members of one name.")
        for name, member in self._members.items():
            parts = PurePosixPath(name.replace("\\", "/"))
            if parts.is_absolute() or ".." in parts.parts:
                raise UnreadableFile(f"{self.path} has the member {name!r}, outside of itself.")
            if member.flag_bits & 1:
                raise UnreadableFile(f"{self.path} is encrypted: {name!r}. Decrypt it first.")

    @property
    def names(self) -> list[str]:
        """In the order of the archive."""
        return list(self._members)

    def read_document(self, name: str) -> dict[str, Any]:
        """Read a member that is one JSON object; raises `UnreadableFile`."""
        where = f"{self.path}, {name}"
        member = self._members.get(name)
        if member is None:
            raise UnreadableFile(f"{where}: there is no such member. Is the log finished?")
        if member.compress_type not in COMPRESSIONS:
            raise UnreadableFile(
                f"{where} is compressed by method {member.compress_type}, expected deflate (8) or "
                "Zstandard (93)."
            )
        if member.file_size > LARGEST_DOCUMENT:
            raise UnreadableFile(f"{where} has more than {LARGEST_DOCUMENT >> 20} MB of JSON.")
        try:
            content = self._read(member)
        except DAMAGED as error:
            raise UnreadableFile(f"{where} is damaged: {error}.") from error
        return parse_document(content, where)

    def _read(self, member: zipfile.ZipInfo) -> bytes:
        if member.compress_type != ZSTANDARD:
            with self._zip.open(member) as file:
                return file.read(member.file_size)
        with self.path.open("rb") as file:
            file.seek(member.header_offset)
            signature, name_length, extra_length = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
            if signature != b"PK\x03\x04":
                raise zipfile.BadZipFile("it does not begin as a member does")
            file.seek(name_length + extra_length, 1)
            packed = file.read(member.compress_size)
        with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
            content: bytes = stream.read(member.file_size)
        if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
            raise zipfile.BadZipFile("its content is not what its checksum says")
        return content


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip file; raises `UnreadableFile` where it is none, or one that no tool writes."""
    try:
        with zipfile.ZipFile(path) as file:
            yield Archive(path, file)
    except (*DAMAGED, ValueError) as error:
        raise UnreadableFile(f"{path} is no readable zip archive: {error}.") from error
