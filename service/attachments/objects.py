"""Files in object storage (S3 and its like, by fsspec): the same names by digest, received on this machine first.

Pieces of an upload are objects too, `parts/ID/OFFSET`, so that it goes on at whichever machine the next one comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from service.attachments.store import FileStore, StagedFile, name_of


class ObjectStore(FileStore):
    """`url` is a bucket and a prefix in it; credentials and endpoint come as the storage's own library reads them.

    An object appears whole or not at all, so that nothing has to be moved into place.
    """

    def __init__(self, url: str, folder: Path, limit_bytes: int, *, durable: bool = True) -> None:
        super().__init__(folder, limit_bytes, durable=durable)
        self._url = url

    def keep(self, staged: StagedFile) -> None:
        filesystem, place = self._storage
        filesystem.put_file(str(staged.path), f"{place}/{name_of(staged.digest)}")
        staged.path.unlink(missing_ok=True)

    def received_bytes(self, upload_id: str) -> int:
        return sum(size for _, size in self._pieces(upload_id))

    def append(self, upload_id: str, offset: int, piece: bytes) -> int | None:
        if self.received_bytes(upload_id) != offset:
            return None
        filesystem, _ = self._storage
        if piece:
            filesystem.pipe_file(f"{self._parts(upload_id)}/{offset:015d}", piece)
        return offset + len(piece)

    def assembled(self, upload_id: str) -> StagedFile:
        filesystem, _ = self._storage
        part = self._part(upload_id)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            for path, _size in self._pieces(upload_id):
                file.write(filesystem.cat_file(path))
        return super().assembled(upload_id)

    def drop(self, upload_id: str) -> None:
        super().drop(upload_id)
        filesystem, _ = self._storage
        for path in filesystem.find(self._parts(upload_id)):
            filesystem.rm_file(path)

    def _parts(self, upload_id: str) -> str:
        _, place = self._storage
        return f"{place}/parts/{self._part(upload_id).name}"

    def _pieces(self, upload_id: str) -> Iterator[tuple[str, int]]:
        """Each that begins where the one before it ends; of two that came at once the later one stands."""
        filesystem, _ = self._storage
        end = 0
        for path, facts in sorted(filesystem.find(self._parts(upload_id), detail=True).items()):
            if int(path.rsplit("/", 1)[-1]) != end:
                return
            end += int(facts["size"])
            yield path, int(facts["size"])

    def source(self, digest: str) -> Path | IO[bytes] | None:
        filesystem, place = self._storage
        try:
            opened: IO[bytes] = filesystem.open(f"{place}/{name_of(digest)}", "rb")
        except FileNotFoundError:
            return None
        return opened

    def sweep(self, is_referenced: Callable[[str], bool], before: float) -> int:
        gone = super().sweep(is_referenced, before)
        filesystem, place = self._storage
        for path, facts in filesystem.find(place, detail=True).items():
            digest = "".join(path.rsplit("/", 2)[-2:])
            if facts["LastModified"].timestamp() < before and not is_referenced(digest):
                filesystem.rm_file(path)
                gone += 1
        return gone

    @cached_property
    def _storage(self) -> tuple[Any, str]:
        """The file system and the place in it, opened at the first use: a process forked before has its own."""
        import fsspec

        filesystem, place = fsspec.url_to_fs(self._url, use_listings_cache=False, skip_instance_cache=True)
        return filesystem, str(place)


def file_store(url: str, folder: Path, limit_bytes: int, *, durable: bool = True) -> FileStore:
    """Where the settings say that files are kept: `folder`, or object storage if there is a `url`."""
    if url:
        return ObjectStore(url, folder, limit_bytes, durable=durable)
    return FileStore(folder, limit_bytes, durable=durable)
