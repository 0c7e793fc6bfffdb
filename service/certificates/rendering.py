"""Renders a document as PDF/A by the templates beside this module. The same data give the same bytes."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

import segno
import typst

from service.certificates.document import DocumentData, printable
from service.certificates.wording import printed_content, seal_word
from service.errors import Refused

_FOLDER = Path(__file__).parent / "templates"
# Archives want PDF/A (GB/T 23286), and typst then refuses any character that no font can print instead of leaving a
# hole in a name. Level b, for level a forbids the private characters by which older registers hold rare names.
_STANDARD: Final = "a-2b"
_UNPRINTABLE = re.compile(r'the text `?"(?P<text>.*)"`? could not be displayed')
# Noto Serif and Sans for the text, and the whole of Noto Sans CJK for rare characters in names.
_FONT_PACKAGES = ("pylopdf_fonts_zh_cn", "noto_cjk_sans_otc")
# The side of a county organ's round seal: 42 mm (国务院关于国家行政机关和企业事业单位社会团体印章管理的规定).
SEAL_POINTS = 119
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")

_LETTER, _SHEET = "letter.typ", "sheet.typ"
TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "acceptance": _SHEET,
        "acceptance_notice": "acceptance_notice.typ",
        "cancel_proof": _SHEET,
        "certificate": "certificate.typ",
        "correction_notice": "correction_notice.typ",
        "decision": _LETTER,
        "non_acceptance": _LETTER,
        "payment_notice": "payment_notice.typ",
        "payment_receipt": _SHEET,
        "filing_report": _SHEET,
        "fine_ticket": _SHEET,
        "refusal": _LETTER,
        "special_notice": _LETTER,
        "delay_notice": _LETTER,
        "extension_notice": _LETTER,
        "suspension_notice": _LETTER,
        "resumption_notice": _LETTER,
        "termination_decision": _LETTER,
        "delivery_receipt": "delivery_receipt.typ",
        "plan": _SHEET,
        "record": _SHEET,
        "reply": _LETTER,
        "result": _SHEET,
        "task_paper": _SHEET,
        "supervision_order": "supervision_order.typ",
        "work_order": _SHEET,
    }
)


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where the seal goes: the page from 1 on, and the lower left corner in points from the page's own."""

    page: int
    left: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document that nobody has signed yet. `seal` is None for a courtesy translation."""

    pdf: bytes
    seal: SealPlace | None


def template_for(kind: str) -> str:
    """The template of a kind of document; a plain letter for kinds without one of their own."""
    return TEMPLATES.get(kind, _LETTER)


def render_document(
    kind: str, data: DocumentData, *, locale: str = "zh-CN", font_folders: tuple[Path, ...] = ()
) -> Rendered:
    """The document as PDF, and where its seal goes.

    `locale` en gives a courtesy translation without seal. `font_folders` add the county's own fonts for rare
    characters. Raises ValueError if the data lack what the standard wording states, and Refused if no font has a
    character of them.
    """
    kind = _kind_of_layout(kind, data.title_zh)
    content = printed_content(kind, data, locale)
    inputs = {"document": json.dumps(content | {"qr": qr_code(data.verify_url)}, ensure_ascii=False), "locale": locale}
    midnight = datetime.combine(data.made_on, time(), tzinfo=UTC)
    return compiled(template_for(kind), inputs, midnight, font_folders)


@lru_cache(maxsize=256)
def render_seal(organ_zh: str) -> bytes:
    """The seal of an organ on a page of its own size, without a ground."""
    content = {"organ": printable(organ_zh), "labels": {"seal": seal_word()}}
    inputs = {"document": json.dumps(content, ensure_ascii=False), "locale": "zh-CN"}
    return compiled("seal.typ", inputs, datetime(2026, 1, 1, tzinfo=UTC), ()).pdf


def _kind_of_layout(kind: str, title_zh: str) -> str:
    # A certificate may be a reply by letter (批复), as for environmental impact documents: it reads like a decision.
    return "decision" if kind == "certificate" and title_zh.endswith("批复") else kind


def compiled(template: str, inputs: dict[str, str], made_at: datetime, font_folders: tuple[Path, ...] = ()) -> Rendered:
    """A template of this folder filled with its inputs. Raises Refused if no font has a character of them."""
    compiler = typst.Compiler(
        (_FOLDER / template).as_posix(),
        root=_FOLDER.as_posix(),
        font_paths=_fonts(font_folders),
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    try:
        # A PDF tells its instant to the second (ISO 32000-1, 7.9.4).
        pdf = compiler.compile(format="pdf", pdf_standards=_STANDARD, timestamp=made_at.replace(microsecond=0))
        return Rendered(cast(bytes, pdf), _seal_place(compiler.query("<seal>", field="value")))
    except typst.TypstError as error:
        found = _UNPRINTABLE.search(error.message)
        if found is None:
            raise
        raise _unprintable(found["text"]) from error


def _seal_place(found: str) -> SealPlace | None:
    """`found` is what the template's mark says, its lengths in points from the upper left corner."""
    marks = json.loads(found)
    return SealPlace(marks[0]["page"], marks[0]["x"], marks[0]["below"]) if marks else None


@cache
def _fonts(font_folders: tuple[Path, ...]) -> typst.Fonts:
    own = [str(files(package)) for package in _FONT_PACKAGES]
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[*map(str, font_folders), *own]
    )


def qr_code(address: str) -> str:
    """An address as a QR code in SVG; nothing for none."""
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
