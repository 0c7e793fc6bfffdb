"""Renders a document as PDF/A by the templates beside this module. The same data give the same bytes."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

import segno
import typst

from service.certificates.document import DocumentData, printable
from service.certificates.wording import printed_content
from service.errors import Refused

_FOLDER = Path(__file__).parent / "templates"
# Archives want PDF/A (GB/T 23286), and typst then refuses any character that no font can print instead of leaving a
# hole in a name. Level b, for level a forbids the private characters by which older registers hold rare names.
_STANDARD: Final = "a-2b"
_UNPRINTABLE = re.compile(r'the text `?"(?P<text>.*)"`? could not be displayed')
# Noto Serif and Sans for the text, and the whole of Noto Sans CJK for rare characters in names.
_FONT_PACKAGES = ("pylopdf_fonts_zh_cn", "noto_cjk_sans_otc")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")

_LETTER = "letter.typ"
TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "acceptance_notice": "acceptance_notice.typ",
        "cancel_proof": "cancel_proof.typ",
        "certificate": "certificate.typ",
        "correction_notice": "correction_notice.typ",
        "decision": _LETTER,
        "non_acceptance": _LETTER,
        "payment_notice": "payment_notice.typ",
        "refusal": _LETTER,
        "special_notice": _LETTER,
        "supervision_order": "supervision_order.typ",
    }
)


def template_for(kind: str) -> str:
    """The template of a kind of document; a plain letter for kinds without one of their own."""
    return TEMPLATES.get(kind, _LETTER)


def render_document(
    kind: str, data: DocumentData, *, locale: str = "zh-CN", font_folders: tuple[Path, ...] = ()
) -> bytes:
    """The document as PDF.

    `locale` en gives a courtesy translation without seal. `font_folders` add the county's own fonts for rare
    characters. Raises ValueError if the data lack what the standard wording states, and Refused if no font has a
    character of them.
    """
    kind = _kind_of_layout(kind, data.title_zh)
    content = printed_content(kind, data, locale)
    inputs = {"document": json.dumps(content | {"qr": _qr_code(data.verify_url)}, ensure_ascii=False), "locale": locale}
    midnight = datetime.combine(data.made_on, time(), tzinfo=UTC)
    try:
        return _compiled((_FOLDER / template_for(kind)).as_posix(), inputs, midnight, font_folders)
    except typst.TypstError as error:
        found = _UNPRINTABLE.search(error.message)
        if found is None:
            raise
        raise _unprintable(found["text"]) from error


def _kind_of_layout(kind: str, title_zh: str) -> str:
    # A certificate may be a reply by letter (批复), as for environmental impact documents: it reads like a decision.
    return "decision" if kind == "certificate" and title_zh.endswith("批复") else kind


def _compiled(template: str, inputs: dict[str, str], made_at: datetime, font_folders: tuple[Path, ...]) -> bytes:
    pdf: bytes = typst.compile(
        template,
        root=_FOLDER.as_posix(),
        font_paths=_fonts(font_folders),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=_STANDARD,
        timestamp=made_at,
    )
    return pdf


@cache
def _fonts(font_folders: tuple[Path, ...]) -> typst.Fonts:
    own = [str(files(package)) for package in _FONT_PACKAGES]
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[*map(str, font_folders), *own]
    )


def _qr_code(address: str) -> str:
    if not address:
        return ""
    svg = io.BytesIO()
    segno.make(printable(address), error="m", micro=False).save(svg, kind="svg", border=0, xmldecl=False, svgns=True)
    return svg.getvalue().decode()


def _unprintable(diagnosed: str) -> Refused:
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), diagnosed)
    codes = " ".join(f"U+{ord(sign):04X}" for sign in text)
    return Refused(
        "invalid_answers",
        f"没有一种字体含有“{text}”（{codes}），无法打印；请管理员加装含有该字的字体",
        f"Expected characters that a font can print, but found {text!r} ({codes})",
    )
