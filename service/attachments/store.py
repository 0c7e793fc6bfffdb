"""The bytes of files by their SHA-256: staged first, then moved into place, so that no half file is ever found."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from service.attachments.kinds import kind_of
from service.errors import Detail, Refused

_CHUNK = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file that was received whole and looked at, but belongs to nothing yet."""

    path: Path
    digest: str
    size: int
    media_type: str


class FileStore:
    """A folder of files: `staging/` for what is coming in, `ab/cdef…` for what is there."""

    def __init__(self, folder: Path, limit_bytes: int, *, durable: bool = True) -> None:
        """`durable` False is for loading what can be loaded again: it does not wait for the disk."""
        self._folder = folder
        self._staging = folder / "staging"
        self._limit = limit_bytes
        self._durable = durable

    @contextmanager
    def staged(self, source: IO[bytes]) -> Iterator[StagedFile]:
        """Receive a file; what is not kept by the end of the block is gone.

        Raises Refused: payload_too_large, invalid_request for an empty file, unsupported_media.
        """
        self._staging.mkdir(parents=True, exist_ok=True)
        path = self._staging / secrets.token_hex(16)
        try:
            digest, size = self._receive(source, path)
            yield StagedFile(path, digest, size, kind_of(path))
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def received(self, source: Path) -> Iterator[StagedFile]:
        """A copy of a file that was taken in once already: what it is, and how large, is not asked again."""
        with source.open("rb") as file, self.taken(file) as staged:
            yield staged

    @contextmanager
    def taken(self, source: IO[bytes]) -> Iterator[StagedFile]:
        """A file whose kind and size whoever brings it has looked at; no limit of uploads holds it."""
        self._staging.mkdir(parents=True, exist_ok=True)
        path = self._staging / secrets.token_hex(16)
        try:
            digest, size = self._receive(source, path, limited=False)
            yield StagedFile(path, digest, size, "")
        finally:
            path.unlink(missing_ok=True)

    def received_bytes(self, upload_id: str) -> int:
        """How much of an upload in pieces lies here."""
        part = self._part(upload_id)
        return part.stat().st_size if part.is_file() else 0

    def append(self, upload_id: str, offset: int, piece: bytes) -> int | None:
        """Add a piece where the last one ended, and give the new length; None if `offset` is another place."""
        self._staging.mkdir(parents=True, exist_ok=True)
        with self._part(upload_id).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # Two pieces that arrive at once go one after the other.
            if os.fstat(file.fileno()).st_size != offset:
                return None
            file.write(piece)
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
        return offset + len(piece)

    def assembled(self, upload_id: str) -> StagedFile:
        """An upload whose last piece has come, looked at as any file is. Raises Refused unsupported_media."""
        part = self._part(upload_id)
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return StagedFile(part, digest, part.stat().st_size, kind_of(part))

    def drop(self, upload_id: str) -> None:
        """Forget the pieces of an upload."""
        self._part(upload_id).unlink(missing_ok=True)

    def _part(self, upload_id: str) -> Path:
        if not _UPLOAD_ID.fullmatch(upload_id):
            raise ValueError(f"Expected the id of an upload, but found {upload_id[:80]!r}")
        return self._staging / f"part-{upload_id}"

    def _receive(self, source: IO[bytes], path: Path, *, limited: bool = True) -> tuple[str, int]:
        hashed, size = hashlib.sha256(), 0
        with path.open("xb") as file:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if limited and size > self._limit:
                    raise too_large(self._limit)
                hashed.update(chunk)
                file.write(chunk)
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
        if size == 0:
            raise Refused(
                "invalid_request",
                "文件是空的",
                "Expected a file with content, but it is empty",
                [Detail("empty_file", "文件是空的", "The file is empty", pointer="/file")],
            )
        return hashed.hexdigest(), size

    def keep(self, staged: StagedFile) -> None:
        """Move a staged file into place; the same bytes twice are one file."""
        place = self.place(staged.digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged.path, place)

    def source(self, digest: str) -> Path | IO[bytes] | None:
        """What to read the bytes of this digest from: a path or an open file; None if they are gone."""
        place = self.place(digest)
        return place if place.is_file() else None

    def place(self, digest: str) -> Path:
        """Where the bytes of this digest lie in the folder. Raises ValueError for what is no digest."""
        return self._folder / name_of(digest)

    def sweep(self, is_referenced: Callable[[str], bool], before: float) -> int:
        """Delete files that nothing refers to and that were last written before `before` (seconds since 1970).

        The age keeps files of a transaction that has not ended yet.
        """
        gone = 0
        for path in [*self._staging.glob("*"), *self._folder.glob("??/*")]:
            digest = path.parent.name + path.name
            with suppress(FileNotFoundError):
                old = path.is_file() and path.stat().st_mtime < before
                if old and not (_DIGEST.fullmatch(digest) and is_referenced(digest)):
                    path.unlink()
                    gone += 1
        return gone


def name_of(digest: str) -> str:
    """Where a file lies in whatever keeps it. Raises ValueError for what is no digest."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"Expected a SHA-256 in hex, but found {digest[:80]!r}")
    return f"{digest[:2]}/{digest[2:]}"


def too_large(limit: int) -> Refused:
    megabytes = limit / 1024 / 1024
    return Refused(
        "payload_too_large",
        f"文件超过 {megabytes:.0f} MB",
        f"Expected at most {limit} bytes, but the file has more",
        [Detail("too_large", f"文件超过 {megabytes:.0f} MB", f"More than {megabytes:.0f} MB", pointer="/file")],
    )
