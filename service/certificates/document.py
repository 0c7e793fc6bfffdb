"""What a document says, as frozen values with bounds; how it looks is the templates' affair."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, fields
from datetime import date
from urllib.parse import urlsplit

MOST_ROWS = 200
LONGEST_LINE = 400
LONGEST_PARAGRAPH = 4000
PAY_CODE_DIGITS = 20
# Papers that prove something to third parties; notices of a procedure are the parties' own affair.
PROOFS = frozenset({"certificate", "cancel_proof"})

# Signs that turn the direction of writing could make a certificate read otherwise than it is stored (Unicode Technical
# Report 36, section 2.10).
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CONTROL_OR_SURROGATE = frozenset({"Cc", "Cs"})


@dataclass(frozen=True, slots=True)
class PaymentDue:
    """What a payment notice asks for. `code` is the payment code (缴款码) of 20 digits."""

    code: str
    amount_fen: int

    def __post_init__(self) -> None:
        if len(self.code) != PAY_CODE_DIGITS or not (self.code.isascii() and self.code.isdigit()):
            raise ValueError(f"Expected a payment code of {PAY_CODE_DIGITS} digits, but found {self.code!r}")


@dataclass(frozen=True, slots=True)
class Remedy:
    """Where an applicant turns against a decision (行政复议法 24, 行政诉讼法 18)."""

    reconsideration_organ: str = "本级人民政府"
    court: str = "有管辖权的人民法院"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentData:
    """One document. Texts are plain: nothing in them is ever read as markup.

    `fields` are rows of label and value, `materials` rows of three cells (acceptance: name, form, copies; correction:
    name, what is wrong, basis). `paragraphs`, if given, stand instead of the standard wording; `variant` picks another
    standard wording: `deemed` of an acceptance notice, `extension` of a special notice, `not_competent` or `not_needed`
    of a non-acceptance, `penalty` of a decision. `more` are further facts that the wording names in braces. `title_en`
    heads a courtesy translation. Raises ValueError for a text beyond the bounds.
    """

    number: str
    title_zh: str
    organ_zh: str
    item_name_zh: str
    case_number: str
    holder: str
    made_on: date
    fields: tuple[tuple[str, str], ...] = ()
    materials: tuple[tuple[str, str, str], ...] = ()
    paragraphs: tuple[str, ...] = ()
    variant: str = ""
    legal_basis: tuple[str, ...] = ()
    reason: str = ""
    competent_organ: str = ""
    received_on: date | None = None
    accepted_on: date | None = None
    due_on: date | None = None
    # Whether the holidays of that year are not announced yet.
    due_provisional: bool = False
    query_secret: str = ""
    payment: PaymentDue | None = None
    remedy: Remedy = field(default_factory=Remedy)
    contact: str = ""
    copy_no: str = ""
    title_en: str = ""
    # Names the organ on a courtesy translation; the Chinese name, where there is none.
    organ_en: str = ""
    verify_url: str = ""
    # The county's own words, by section; they stand instead of the built-in ones of the sealed document.
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()
    more: tuple[tuple[str, str | date], ...] = ()

    def __post_init__(self) -> None:
        for rows in (self.fields, self.materials, self.paragraphs, self.legal_basis):
            if len(rows) > MOST_ROWS:
                raise ValueError(f"Expected at most {MOST_ROWS} rows, but found {len(rows)}")
        for cell in (*self.materials, *self.fields):
            _expect_length("a cell", cell, LONGEST_PARAGRAPH)
        _expect_length("a paragraph", (*self.paragraphs, self.reason), LONGEST_PARAGRAPH)
        _expect_length("a fact", tuple(text for _, text in self.more if isinstance(text, str)), LONGEST_PARAGRAPH)
        _expect_length("a name or number", self._lines(), LONGEST_LINE)
        if self.verify_url and urlsplit(self.verify_url).scheme not in ("http", "https"):
            raise ValueError(f"Expected the address of a web page, but found {self.verify_url!r}")

    def _lines(self) -> tuple[str, ...]:
        exempt = {"more", "fields", "materials", "paragraphs", "reason", "sections"}
        values = [getattr(self, each.name) for each in fields(self) if each.name not in exempt]
        return (*self.legal_basis, *(value for value in values if isinstance(value, str)))


def printable(text: str) -> str:
    """The text without control characters, but with its line breaks; a tab becomes a space."""
    return "".join(sign for sign in text.replace("\t", " ") if _kept(sign))


def _kept(sign: str) -> bool:
    return sign == "\n" or (sign not in _DIRECTION and unicodedata.category(sign) not in _CONTROL_OR_SURROGATE)


def _expect_length(what: str, texts: tuple[str, ...], longest: int) -> None:
    for text in texts:
        if len(text) > longest:
            raise ValueError(f"Expected {what} of at most {longest} characters, but found {len(text)}")
