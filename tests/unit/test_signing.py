"""Signatures on documents, looked at with pyHanko's own validation and a real decoder of QR codes."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
import zxingcpp
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from service.certificates import TEMPLATES, DocumentData, PaymentDue, render_document, signature_digest
from service.certificates.own_authority import KEY_FILE, ROOT_FILE, own_key
from service.certificates.signing import SigningKey
from service.settings import Settings, SettingsError, read_settings
from tests.unit.test_documents import DATA

FULL = replace(DATA, payment=PaymentDue("32990126112300000578", 8000), fields=(("名称", DATA.holder),))
# As document_texts makes it, with the longest number of the six items.
NUMBER = "苏(2026)临江县不动产权第0000001号"
ADDRESS = (
    "https://quanli.linjiang.gov.cn/public/verify?number="
    "%E8%8B%8F%282026%29%E4%B8%B4%E6%B1%9F%E5%8E%BF%E4%B8%8D%E5%8A%A8%E4%BA%A7%E6%9D%83%E7%AC%AC0000001%E5%8F%B7"
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings({}, data=tmp_path_factory.mktemp("county"))


@pytest.fixture(scope="module")
def key(settings: Settings) -> SigningKey:
    return SigningKey(settings)


def signed(key: SigningKey, kind: str = "decision", data: DocumentData = FULL, locale: str = "zh-CN") -> bytes:
    return key.sign(render_document(kind, data, locale=locale), organ_zh=data.organ_zh, title_zh=data.title_zh)


def status(pdf: bytes, settings: Settings) -> PdfSignatureStatus:
    root = load_cert_from_pemder(str(settings.data / "signing" / ROOT_FILE))
    trust = ValidationContext(trust_roots=[root], allow_fetching=False)
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    # A thread of its own: the browser tests of the same process leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(validate_pdf_signature, signature, trust).result()


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", list(TEMPLATES))
def test_every_kind_of_document_is_signed_whole_and_traced_to_the_county(
    kind: str, locale: str, key: SigningKey, settings: Settings
) -> None:
    found = status(signed(key, kind, locale=locale), settings)
    assert found.bottom_line, found.pretty_print_details()
    assert found.coverage.name == "ENTIRE_FILE"
    assert found.trusted


def test_a_changed_byte_breaks_the_signature(key: SigningKey, settings: Settings) -> None:
    pdf = bytearray(signed(key))
    at = pdf.index(b"/Title")
    pdf[at - 1] ^= 1
    assert not status(bytes(pdf), settings).intact


def test_what_is_added_after_the_signature_is_noticed(key: SigningKey, settings: Settings) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signed(key)))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = NumberObject(180)
    writer.update_container(page)
    added = io.BytesIO()
    writer.write(added)
    found = status(added.getvalue(), settings)
    assert found.coverage.name != "ENTIRE_FILE"
    assert not found.bottom_line


def test_a_key_of_another_county_is_not_trusted(key: SigningKey, tmp_path: Path) -> None:
    stranger = read_settings({}, data=tmp_path)
    own_key(tmp_path / "signing")
    assert not status(signed(key), stranger).trusted


def test_the_seal_stands_over_the_organs_name_on_the_last_page(key: SigningKey) -> None:
    materials = tuple((f"第{number}项申请材料", "原件", "1") for number in range(1, 60))
    data = replace(FULL, materials=materials)
    drawn = render_document("acceptance_notice", data)
    reader = PdfFileReader(io.BytesIO(key.sign(drawn, organ_zh=data.organ_zh, title_zh=data.title_zh)))
    (signature,) = reader.embedded_signatures
    left, bottom, right, top = signature.sig_field["/Rect"]
    assert drawn.seal is not None
    assert drawn.seal.page == reader.root["/Pages"]["/Count"] > 1
    assert right - left == top - bottom == pytest.approx(42 / 25.4 * 72, abs=1)
    page = pypdfium2.PdfDocument(io.BytesIO(drawn.pdf).getvalue())[drawn.seal.page - 1]
    under = page.get_textpage().get_text_bounded(left=left - 60, bottom=bottom, right=right + 60, top=top)
    assert "2026年11月23日" in under


def _is_red(pdf: bytes, page: int, box: Any) -> bool:
    """Whether there is a seal's red in this box of the page as people see it."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    bitmap = document[page].render(scale=1, may_draw_forms=True)
    height, width, stride, channels = bitmap.height, bitmap.width, bitmap.stride, bitmap.n_channels
    pixels = bytes(bitmap.buffer)
    left, bottom, right, top = (int(value) for value in box)
    found = 0
    for y in range(max(0, height - top), height - bottom):
        for x in range(left, min(right, width)):
            blue, green, red = pixels[y * stride + x * channels :][:3]
            found += red > 150 and green < 110 and blue < 110
    return found > 200


@pytest.mark.parametrize("kind", ["certificate", "acceptance_notice"])
def test_the_seal_is_seen_only_where_it_was_signed(kind: str, key: SigningKey) -> None:
    drawn = render_document(kind, FULL)
    assert drawn.seal is not None
    box = (drawn.seal.left, drawn.seal.bottom, drawn.seal.left + 119, drawn.seal.bottom + 119)
    assert not _is_red(drawn.pdf, 0, box)
    assert _is_red(signed(key, kind), 0, box)


def test_a_courtesy_translation_is_signed_without_a_seal(key: SigningKey, settings: Settings) -> None:
    pdf = signed(key, "refusal", locale="en")
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    assert [float(value) for value in signature.sig_field["/Rect"]] == [0, 0, 0, 0]
    assert status(pdf, settings).bottom_line


@pytest.mark.parametrize("kind", ["certificate", "cancel_proof"])
@pytest.mark.parametrize("dots_per_inch", [150, 300])
def test_the_code_on_the_page_leads_to_the_number(kind: str, dots_per_inch: int, key: SigningKey) -> None:
    pdf = signed(key, kind, replace(FULL, number=NUMBER, verify_url=ADDRESS))
    bitmap = pypdfium2.PdfDocument(pdf)[0].render(scale=dots_per_inch / 72, grayscale=True)
    shape = [bitmap.height, bitmap.stride]
    (code,) = zxingcpp.read_barcodes(memoryview(bytes(bitmap.buffer)).cast("B", shape))
    assert code.text == ADDRESS
    assert parse_qs(urlsplit(code.text).query) == {"number": [NUMBER]}


@pytest.mark.parametrize("kind", list(TEMPLATES))
def test_a_signed_document_stays_small(kind: str, key: SigningKey) -> None:
    assert len(signed(key, kind)) < 120_000


def test_a_signature_is_known_again_in_a_file_that_was_changed(key: SigningKey) -> None:
    pdf = signed(key)
    assert signature_digest(pdf) == signature_digest(pdf.replace(b"/Title", b"/Titel") + b"more")
    assert signature_digest(pdf) != signature_digest(signed(key))
    assert signature_digest(b"%PDF-1.7 nothing") is None
    assert signature_digest(b"/Contents <" * 100_000) is None


def test_the_countys_own_key_is_made_once_whoever_is_first(tmp_path: Path) -> None:
    folder = tmp_path / "signing"
    threads = [threading.Thread(target=own_key, args=(folder,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.name for path in folder.iterdir()) == sorted([KEY_FILE, ROOT_FILE])
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    before = (folder / KEY_FILE).read_bytes()
    own_key(folder)
    assert (folder / KEY_FILE).read_bytes() == before
    key = SigningKey(read_settings({}, data=tmp_path))
    assert status(signed(key), read_settings({}, data=tmp_path)).bottom_line


def test_a_key_that_is_missing_or_locked_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MINGJING_SIGNING_PKCS12"):
        read_settings({"MINGJING_SIGNING_PKCS12": str(tmp_path / "none.p12")}, data=tmp_path)
    wrong = tmp_path / "wrong.p12"
    wrong.write_bytes(b"no key")
    given = {"MINGJING_SIGNING_PKCS12": str(wrong), "MINGJING_SIGNING_PASSWORD": "secret"}
    with pytest.raises(SettingsError, match="MINGJING_SIGNING_PASSWORD"):
        SigningKey(read_settings(given, data=tmp_path)).open()


def test_a_key_from_the_settings_signs(settings: Settings, tmp_path: Path) -> None:
    place = own_key(settings.data / "signing")
    given = read_settings({"MINGJING_SIGNING_PKCS12": str(place)}, data=tmp_path)
    assert status(signed(SigningKey(given)), settings).trusted
    assert not (tmp_path / "signing").exists()
