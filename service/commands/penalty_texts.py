"""What the papers of a penalty say: facts for the wording, rows of their tables (行政处罚法 Art. 44, 59, 61)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from service.certificates import day_in_words
from service.commands.paper_words import DUE, cited, row_on_paper
from service.database.tables import document
from service.enquiry.reference import secret_of
from service.fees.ledger import Account
from service.form_schemas import CompiledForm

if TYPE_CHECKING:
    from service.commands.act import CaseAct

Rows = tuple[tuple[str, str], ...]
_HEARD = {
    "hearing_requested": ("并依法举行了听证。", "A hearing was held by law."),
    "statement_made": (
        "并对你（单位）的陈述、申辩进行了复核。",
        "We have examined your statement and defence.",
    ),
    "": (
        "你（单位）在规定期限内未提出陈述、申辩，也未要求听证。",
        "You made no statement in time and asked for no hearing.",
    ),
}
_HEARD_ON_THE_SPOT = {
    "none": ("你（单位）未提出陈述、申辩。", "You made no statement."),
    "rejected": (
        "并当场听取、复核了你（单位）的陈述、申辩，未予采纳。",
        "We have heard and examined your statement on the spot and do not follow it.",
    ),
    "accepted": (
        "并当场听取、复核了你（单位）的陈述、申辩，予以采纳。",
        "We have heard and examined your statement on the spot and follow it.",
    ),
}
_DAYS = ("decided_on", "served_on", "notice_served_on", "accepted_on")
# 加处罚款决定书 and 延期决定书 are made by an act of their own, whose amounts and days they keep.
_BLANK = " "
_NUMBER = (
    select(document.c.number)
    .where(document.c.case_id == bindparam("case_id"), document.c.kind == bindparam("kind"))
    .order_by(document.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class PenaltyPaper:
    """A penalty's paper of one kind, filled from the case's answers."""

    act: CaseAct
    kind: str
    answers: Mapping[str, Any]
    forms: Mapping[str, CompiledForm]
    made_with: Mapping[str, Any] = field(default_factory=dict)
    locale: str = "zh-CN"

    @property
    def on_the_spot(self) -> bool:
        """Whether it was decided by the simple procedure (简易程序)."""
        return "rights_told" in self.answers

    @property
    def variant(self) -> str:
        """Which wording: a decision that fines says where, and until when, to pay."""
        kind = "spot" if self.kind == "decision" and self.on_the_spot else "penalty"
        fines = self.kind == "decision" and self.answers.get("penalty_decision") == "fine"
        return f"{kind}_fine" if fines else kind

    @property
    def facts(self) -> tuple[tuple[str, str | date], ...]:
        """What the wording names."""
        found: list[tuple[str, str | date]] = [("facts", self._sentence("facts")), ("heard", self._heard())]
        found.append(("violated", self._violated()))
        found.append(("decision_no", str(self.act.run.lookup("decision_no") or "")))
        for name in _DAYS:
            if (day := self.act.run.lookup(name) or self.answers.get(name)) is not None:
                found.append((name, date.fromisoformat(str(day))))
        return tuple(found)

    @property
    def rows(self) -> Rows:
        """The table of this kind of paper, days in words and labels in the reader's language."""
        tell = _TABLES.get(self.kind)
        told = tell(self) if tell is not None else ()
        return tuple(row_on_paper(label, value or _BLANK, self.locale) for label, value in told)

    def shown(self, key: str) -> str:
        """An answer as people read it; empty where there is none."""
        value, form = self.answers.get(key), self.forms.get(key)
        if value is None:
            return ""
        return form.display(key, value, self.locale) if form is not None else str(value)

    def said(self, zh: str, en: str) -> str:
        return en if self.locale.startswith("en") else zh

    def number_of(self, kind: str) -> str:
        """The number of the case's latest document of a kind; empty where none was made."""
        found = self.act.connection.execute(_NUMBER, {"case_id": self.act.row.case_id, "kind": kind})
        return str(found.scalar_one_or_none() or "")

    def of_rows(self, *keys: tuple[str, str]) -> Rows:
        return tuple((label, self.shown(key)) for label, key in keys)

    def party(self) -> Rows:
        number = ("公民身份号码", "party_id") if self.answers.get("party_id") else ("统一社会信用代码", "party_code")
        address = (("住址（住所）", "party_address"),) if self.answers.get("party_address") else ()
        return (("当事人", self.act.row.applicant_name), *self.of_rows(number, *address))

    def _violated(self) -> str:
        """What the conduct violates, beside which the whole legal basis names the sanction and the procedure."""
        item = self.act.item
        sources = item.content.get("violated") or item.content.get("legal_basis") if item is not None else None
        return "、".join(cited(source) for source in sources or ())

    def _sentence(self, key: str) -> str:
        text = str(self.answers.get(key) or "")
        return text if not text or text[-1] in "。！？" else f"{text}。"

    def _heard(self) -> str:
        if self.on_the_spot:
            return self.said(*_HEARD_ON_THE_SPOT.get(str(self.answers.get("statement")), ("", "")))
        lookup = self.act.run.lookup
        return self.said(*next(words for name, words in _HEARD.items() if not name or lookup(name)))


def _filing(paper: PenaltyPaper) -> Rows:
    keys = (("线索来源", "lead_source"), ("发现日期", "found_on"), ("违法地点", "place"), ("案情简介", "facts_brief"))
    return (*paper.party(), *paper.of_rows(*keys), ("立案意见", paper.said("同意立案", "To be filed")))


def _prior_notice(paper: PenaltyPaper) -> Rows:
    officers = "、".join(paper.shown(key) for key in ("officer_a", "officer_b"))
    secret = secret_of(paper.act.services.settings.secret_key, paper.act.row.number)
    return (
        *paper.party(),
        *paper.of_rows(("违法行为", "violation"), ("拟罚款金额", "proposed_fine")),
        ("调查人员", officers),
        *(("查询号", paper.act.row.number), ("查询密码", secret)),
    )


def _hearing(paper: PenaltyPaper) -> Rows:
    keys = (("听证日期", "hearing_on"), ("听证地点", "hearing_place"), ("听证主持人", "hearing_chair_name"))
    return (*paper.party(), *paper.of_rows(*keys, ("是否公开", "hearing_public")))


def _decision(paper: PenaltyPaper) -> Rows:
    keys = [("违法行为", "violation"), ("违法地点", "place"), ("处罚种类", "penalty_decision")]
    fine = [("罚款金额", "fine_amount")] if paper.answers.get("penalty_decision") == "fine" else []
    told = (*paper.party(), *paper.of_rows(*keys, *fine))
    if not paper.on_the_spot:
        return told
    officers = "、".join(paper.shown(key) for key in ("officer_a", "officer_b"))
    # Whoever punishes on the spot signs (Art. 52); both blanks are filled in by hand.
    return (*told, ("执法人员（执法证号）", officers), ("执法人员签名或者盖章", ""), ("当事人签收", ""))


def _filing_report(paper: PenaltyPaper) -> Rows:
    number = str(paper.act.run.lookup("decision_no") or "—")
    keys = [("陈述、申辩", "statement"), ("当事人签收", "party_signature")]
    fined = paper.answers.get("penalty_decision") == "fine"
    ways = [("缴纳方式", "pay_way"), ("当场收缴情形", "spot_ground")] if fined else []
    shown = [(label, text) for label, text in paper.of_rows(*keys, *ways) if text]
    return (("决定书文号", number), *_decision(paper)[:-2], *shown)


def _service(title: tuple[str, str], of: str, on: str, way: str) -> Callable[[PenaltyPaper], Rows]:
    """送达回证: filled in as far as it was served already, with room for the signatures."""

    def rows(paper: PenaltyPaper) -> Rows:
        return (
            ("送达文书", paper.said(*title)),
            ("文书文号", paper.number_of(of)),
            ("受送达人", paper.act.row.applicant_name),
            *paper.of_rows(("送达方式", way), ("送达时间", on)),
            *(("送达地点", ""), ("受送达人签名或者盖章", ""), ("送达人（两名）签名", ""), ("见证人及备注", "")),
        )

    return rows


def _urging(paper: PenaltyPaper) -> Rows:
    books = paper.act.books
    fine, more = books.of_kind("fine_assessed"), books.of_kind("surcharge_assessed")
    amounts = (("罚款数额", fine), ("加处罚款", more), ("尚欠合计", books.outstanding))
    codes = [code for code in books.codes if books.balance(Account.NOTIFIED, code) > 0]
    told = (*paper.party(), *((label, yuan(fen)) for label, fen in amounts), ("缴款码", "、".join(codes)))
    last = paper.made_with.get(DUE)
    if not last:  # As older programs made it.
        return told
    day = date.fromisoformat(last)
    return (*told, ("缴款码有效至", paper.said(day_in_words(day), day_in_words(day, "en"))))


def _deferral(paper: PenaltyPaper) -> Rows:
    parts: list[dict[str, Any]] = list(paper.made_with.get("parts") or ())
    codes: list[str] = list(paper.made_with.get("codes") or ())
    told = []
    for n, one in enumerate(parts):
        code = f"，缴款码 {codes[n]}" if n < len(codes) else ""
        due, amount = one["due_on"], yuan(one["amount_fen"])
        zh = f"{day_in_words(date.fromisoformat(due))}前（含当日）缴纳 {amount}{code}"
        en = f"{amount} by {day_in_words(date.fromisoformat(due), 'en')}{code.replace('，缴款码', ', payment code')}"
        told.append((paper.said(f"第 {n + 1} 期", f"Part {n + 1}"), paper.said(zh, en)))
    return (*paper.party(), *told, ("合计", yuan(sum(one["amount_fen"] for one in parts))))


def _surcharge(paper: PenaltyPaper) -> Rows:
    amount, days = paper.made_with.get("amount_fen", 0), paper.made_with.get("days_late", 0)
    return (*paper.party(), ("逾期日数", paper.said(f"{days} 日", f"{days}")), ("本次加处罚款", yuan(int(amount))))


def _closing(paper: PenaltyPaper) -> Rows:
    keys = (("违法行为", "violation"), ("处理决定", "penalty_decision"), ("结案方式", "closing_kind"))
    paid = yuan(paper.act.books.kept)
    number = str(paper.act.run.lookup("decision_no") or "—")
    return (*paper.party(), ("决定书文号", number), *paper.of_rows(*keys), ("已缴入国库", paid))


def yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"


_TABLES: Mapping[str, Callable[[PenaltyPaper], Rows]] = {
    "filing_form": _filing,
    "filing_report": _filing_report,
    "prior_notice": _prior_notice,
    "hearing_notice": _hearing,
    "decision": _decision,
    "notice_service_proof": _service(
        ("行政处罚事先告知书", "Prior notice of a penalty"), "prior_notice", "notice_served_on", "notice_way"
    ),
    "service_proof": _service(("行政处罚决定书", "Decision on a penalty"), "decision", "served_on", "serve_way"),
    "urging": _urging,
    "deferral": _deferral,
    "surcharge_decision": _surcharge,
    "closing": _closing,
}
