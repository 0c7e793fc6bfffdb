"""Files of cases in object storage: a real server of S3's interface on loopback, spoken to as a province's would be."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from service.attachments.objects import file_store
from service.attachments.store import FileStore
from tests.service_fixtures import PDF, Founded, Office, opened, settings_of

BUCKET = "s3://lantern-hill/files"
UPLOAD = "0123456789abcdef" * 2
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(scope="module")
def storage() -> Iterator[None]:
    """The server, and its address and keys where S3's libraries look for them."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    told = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "of-the-tests-alone",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in told.items():
            patch.setenv(name, value)
        fsspec.filesystem("s3").mkdir("lantern-hill")
        yield
    server.stop()


@pytest.fixture
def office(storage: None, founded_county: Founded, tmp_path: Path) -> Iterator[Office]:
    shutil.copy(founded_county.settings.data / "mingjing.db", tmp_path / "mingjing.db")
    yield from opened(settings_of(tmp_path, MINGJING_FILES_URL=BUCKET), founded_county)


def test_a_material_goes_into_the_bucket_and_comes_out_as_it_went_in(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    kept = clerk.upload(number, "application_form").get_json()
    assert kept["digest"] == DIGEST
    objects = fsspec.filesystem("s3", use_listings_cache=False).find(BUCKET)
    assert objects == [f"lantern-hill/files/{DIGEST[:2]}/{DIGEST[2:]}"]
    files = office.services.settings.files_folder
    assert [path for path in files.rglob("*") if path.is_file()] == [], "nothing stays on this machine"
    read = clerk.get(f"/cases/{number}/attachments/{kept['id']}?disposition=inline")
    assert (read.status_code, read.data, read.content_length) == (200, PDF, len(PDF))
    assert read.headers["Content-Type"] == "application/pdf"
    again = clerk.get(f"/cases/{number}/attachments/{kept['id']}", headers={"If-None-Match": read.headers["ETag"]})
    assert again.status_code == 304


def test_a_file_that_is_gone_from_the_bucket_is_not_found(office: Office) -> None:
    number = office.start()["number"]
    clerk = office.sign_in("yj_clerk")
    kept = clerk.upload(number, "application_form").get_json()
    fsspec.filesystem("s3").rm(f"{BUCKET}/{DIGEST[:2]}/{DIGEST[2:]}")
    assert clerk.get(f"/cases/{number}/attachments/{kept['id']}").status_code == 404


def test_what_nothing_refers_to_is_swept_from_the_bucket(office: Office, tmp_path: Path) -> None:
    store: FileStore = office.app.extensions["mingjing"].files
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(PDF)
    with scan.open("rb") as source, store.staged(source) as staged:
        store.keep(staged)
    later = os.stat(scan).st_mtime + 3600
    assert store.sweep(lambda digest: digest == DIGEST, later) == 0
    assert store.sweep(lambda digest: False, later - 7200) == 0, "what is young may still get its row"
    assert store.sweep(lambda digest: False, later) == 1
    assert store.source(DIGEST) is None


def test_an_upload_goes_on_at_another_machine(office: Office, tmp_path: Path) -> None:
    """Two machines with folders of their own and one bucket."""
    here, there = (file_store(BUCKET, tmp_path / name, 10_000_000) for name in ("here", "there"))
    content = PDF + b"%" * 5000
    assert here.append(UPLOAD, 0, content[:2000]) == 2000
    assert there.received_bytes(UPLOAD) == 2000
    assert there.append(UPLOAD, 0, content[:10]) is None, "from where the other machine's piece ended"
    assert there.append(UPLOAD, 2000, content[2000:4000]) == 4000
    assert here.append(UPLOAD, 4000, content[4000:]) == len(content)
    staged = there.assembled(UPLOAD)
    assert (staged.digest, staged.size) == (hashlib.sha256(content).hexdigest(), len(content))
    there.keep(staged)
    assert [path for path in tmp_path.glob("*here/**/*") if path.is_file()] == [], "nothing stays on a machine"
    here.drop(UPLOAD)
    assert (here.received_bytes(UPLOAD), there.received_bytes(UPLOAD)) == (0, 0)
    assert here.source(staged.digest) is not None


def test_pieces_of_an_upload_that_nobody_finished_are_swept(office: Office, tmp_path: Path) -> None:
    store = file_store(BUCKET, tmp_path / "here", 10_000_000)
    store.append(UPLOAD, 0, PDF)
    now = os.stat(tmp_path).st_mtime
    assert store.sweep(lambda digest: True, now - 3600) == 0
    store.sweep(lambda digest: False, now + 3600)
    assert store.received_bytes(UPLOAD) == 0


def test_without_an_address_files_lie_in_the_folder(tmp_path: Path) -> None:
    assert type(file_store("", tmp_path, 1000)) is FileStore
