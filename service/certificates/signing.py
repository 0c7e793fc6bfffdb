"""PAdES signatures (ETSI EN 319 142-1, level B-B) on the documents that an organ hands out, with its seal."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from asn1crypto.x509 import Certificate  # type: ignore[import-untyped]
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle

from service.certificates.own_authority import own_key
from service.certificates.rendering import SEAL_POINTS, Rendered, render_seal
from service.settings import Settings, SettingsError

FIELD = "Seal"


class _SealPage(PdfContent):
    """The one page of a PDF as the ground of an appearance."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pdf
        super().__init__()

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.resources.xobject[pdf_name("/Seal")] = page
        left, bottom, right, top = page.get_object()["/BBox"]
        self.box = BoxConstraints(width=right - left, height=top - bottom)
        return b"/Seal Do"


class SigningKey:
    """The county's signing key, read at its first use: from the settings, else of a test authority."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _signer(self) -> SimpleSigner:
        place, password = self._place()
        signer: SimpleSigner | None = SimpleSigner.load_pkcs12(str(place), passphrase=password)  # type: ignore[no-untyped-call]
        if signer is None or signer.signing_cert is None:
            raise SettingsError("Expected MINGJING_SIGNING_PKCS12 to hold a key that MINGJING_SIGNING_PASSWORD opens")
        return signer

    def _place(self) -> tuple[Path, bytes | None]:
        given = self._settings.signing_pkcs12
        if given is not None:
            return given, self._settings.signing_password or None
        return own_key(self._settings.data / "signing"), None

    def open(self) -> None:
        """Raises SettingsError for a key that cannot be opened."""
        _ = self._signer

    @property
    def certificate(self) -> Certificate:
        """The certificate that documents are signed with."""
        found = self._signer.signing_cert
        assert found is not None  # noqa: S101 - looked at when the key was read
        return found

    def sign(self, drawn: Rendered, *, organ_zh: str, title_zh: str) -> bytes:
        """The document with its signature; the seal stands where the template left room for it, if it did.

        Nothing may be changed or added afterwards (DocMDP level 1). The time in it is this machine's.
        """
        writer = IncrementalPdfFileWriter(io.BytesIO(drawn.pdf))
        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            name=organ_zh,
            reason=title_zh,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )
        box = _box(drawn)
        spec = SigFieldSpec(FIELD, on_page=drawn.seal.page - 1 if drawn.seal else 0, box=box)
        style = _style(organ_zh) if drawn.seal else None
        signer = PdfSigner(metadata, self._signer, stamp_style=style, new_field_spec=spec)
        # pyHanko runs an event loop of its own, which a thread that has one already does not allow.
        with ThreadPoolExecutor(1) as thread:
            signed = thread.submit(signer.sign_pdf, writer, output=io.BytesIO()).result()
        return bytes(signed.getvalue())


def _box(drawn: Rendered) -> tuple[int, int, int, int] | None:
    if drawn.seal is None:
        return None
    left, bottom = round(drawn.seal.left), round(drawn.seal.bottom)
    return (left, bottom, left + SEAL_POINTS, bottom + SEAL_POINTS)


def _style(organ_zh: str) -> StaticStampStyle:
    return StaticStampStyle(background=_SealPage(render_seal(organ_zh)), border_width=0)
