"""Fee standards as the office reads them: versions with their sources, and what a new one would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.engine import Row

from service.catalogue.item import PowerItem
from service.database.tables import case, department, fee_assessment, fee_standard, person, power_item
from service.fees.dmn import write_tables
from service.fees.standard_reading import item_content, read_standard
from service.fees.standards import FeeStandard
from service.fees.standing import standard_in_force
from service.reads.case_values import Caches, CaseValues, county_today

_PROPOSER, _APPROVER = person.alias("proposer"), person.alias("approver")
_VERSIONS = (
    select(fee_standard, _PROPOSER.c.name.label("proposer_name"), _APPROVER.c.name.label("approver_name"))
    .outerjoin(_PROPOSER, _PROPOSER.c.id == fee_standard.c.proposed_by)
    .outerjoin(_APPROVER, _APPROVER.c.id == fee_standard.c.approved_by)
    .order_by(fee_standard.c.effective_on.desc(), fee_standard.c.version.desc())
)
_ITEMS = (
    select(power_item.c.code, power_item.c.version, department.c.name_zh, department.c.name_en)
    .join(department, department.c.code == power_item.c.department)
    .where(power_item.c.current.is_(True), power_item.c.status == "active")
    .order_by(power_item.c.code)
)
_OPEN = (
    select(case.c.id, case.c.number, case.c.definition_id, case.c.item_version, case.c.state, case.c.accepted_on)
    .where(case.c.power_item == bindparam("power_item"), case.c.closed_at.is_(None))
    .order_by(case.c.id.desc())
)
_COUNT_OPEN = select(func.count()).where(case.c.power_item == bindparam("power_item"), case.c.closed_at.is_(None))
_ASKED = (
    select(case.c.number, fee_assessment.c.inputs, fee_assessment.c.version)
    .join(case, case.c.id == fee_assessment.c.case_id)
    .where(fee_assessment.c.power_item == bindparam("power_item"))
    .order_by(fee_assessment.c.id.desc())
)
_CONTENT = select(fee_standard.c.content).where(
    fee_standard.c.power_item == bindparam("power_item"), fee_standard.c.version == bindparam("version")
)
# As many cases as are computed for a preview, of each sort.
MOST_PREVIEWED = 50


@dataclass(frozen=True, slots=True)
class StandardVersion:
    """`standing`: past, in_force, to_come. `proposed_by` and `approved_by` None: the installation itself."""

    version: int
    effective_on: date
    standing: str
    standard: FeeStandard
    content: Mapping[str, Any]
    reason: str
    laid_down_at: datetime
    proposed_by: str | None
    approved_by: str | None

    @property
    def exportable(self) -> bool:
        """Whether it has tables that a DMN file can say."""
        return write_tables(self.standard.name_zh, self.content["charges"]) is not None


@dataclass(frozen=True, slots=True)
class StandardRow:
    """A fee of the county in the list; `next` is the version that will take effect."""

    power_item: str
    name_zh: str
    name_en: str
    department: str
    department_zh: str
    department_en: str
    fee_name: str
    current: FeeStandard | None
    next: StandardVersion | None

    @property
    def version(self) -> int | None:
        return self.current.version if self.current else None

    @property
    def legal_source(self) -> str | None:
        return self.current.legal_source if self.current else None

    @property
    def next_version(self) -> int | None:
        return self.next.version if self.next else None

    @property
    def next_effective_on(self) -> date | None:
        return self.next.effective_on if self.next else None


@dataclass(frozen=True, slots=True)
class PreviewCase:
    """What a case is asked for as it stands, and under the proposed version; None where nothing is measured yet.

    `keeps`: it was accepted already, so that the proposal does not touch it.
    """

    number: str
    accepted_on: date | None
    now_fen: int
    then_fen: int
    keeps: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`open_cases` are the newest of `open_total`; `earlier` are fees that were asked, computed anew."""

    open_total: int
    open_cases: tuple[PreviewCase, ...]
    earlier: tuple[PreviewCase, ...]

    @property
    def change_fen(self) -> int:
        """What the proposed version would have asked more, or less, of the earlier cases together."""
        return sum(one.then_fen - one.now_fen for one in self.earlier)


def list_standards(connection: Connection, caches: Caches) -> list[StandardRow]:
    """Every item in force that asks for a fee by a standard."""
    today = county_today(connection, caches)
    found = []
    for row in connection.execute(_ITEMS).all():
        item = caches.items.get(connection, row.code, row.version)
        if item.fee is None or item.fines:
            continue
        versions = versions_of(connection, item, today)
        to_come = [one for one in versions if one.standing == "to_come"]
        found.append(
            StandardRow(
                item.code,
                item.name_zh,
                item.name_en,
                item.department,
                row.name_zh,
                row.name_en,
                item.fee.name_zh,
                standard_in_force(connection, item, today),
                to_come[-1] if to_come else None,
            )
        )
    return found


def versions_of(connection: Connection, item: PowerItem, today: date) -> list[StandardVersion]:
    """The newest first."""
    rows = connection.execute(_VERSIONS.where(fee_standard.c.power_item == item.code)).all()
    begun = [row.effective_on for row in rows if row.effective_on <= today]
    return [_version(item, row, max(begun, default=None)) for row in rows]


def _version(item: PowerItem, row: Row[Any], in_force_since: date | None) -> StandardVersion:
    past = in_force_since is not None and row.effective_on < in_force_since
    standing = "past" if past else "in_force" if row.effective_on == in_force_since else "to_come"
    standard = read_standard(item.code, row.version, row.effective_on, row.content)
    return StandardVersion(
        row.version,
        row.effective_on,
        standing,
        standard,
        row.content,
        row.reason,
        row.laid_down_at,
        row.proposer_name,
        row.approver_name,
    )


def tables_of(connection: Connection, item: PowerItem, version: int) -> bytes | None:
    """The tables of a version as a DMN file, of the item's own rule for version 0; None where there is none."""
    if item.fee is None:
        return None
    content: Mapping[str, Any] | None = item_content(item.fee, item.fee.legal_source)
    if version:
        asked = {"power_item": item.code, "version": version}
        content = connection.execute(_CONTENT, asked).scalar_one_or_none()
    return write_tables(str(content["name_zh"]), content["charges"]) if content is not None else None


def content_in_force(connection: Connection, item: PowerItem, today: date) -> dict[str, Any]:
    """What a proposal begins with: the version in force, or the item's own rule."""
    for one in versions_of(connection, item, today):
        if one.standing == "in_force":
            return dict(one.content)
    return item_content(item.fee, item.fee.legal_source) if item.fee is not None else {}


def preview_standard(connection: Connection, caches: Caches, item: PowerItem, proposed: FeeStandard) -> Preview:
    """What the proposed version would do to open cases, and would have asked of those that were charged last."""
    asked = {"power_item": item.code}
    rows = connection.execute(_OPEN.limit(MOST_PREVIEWED), asked).all()
    earlier = connection.execute(_ASKED.limit(MOST_PREVIEWED), asked).all()
    known: dict[int, FeeStandard | None] = {}
    for row in connection.execute(select(fee_standard).where(fee_standard.c.power_item == item.code)):
        known[row.version] = read_standard(item.code, row.version, row.effective_on, row.content)
    on = proposed.effective_on
    compared = []
    for row in earlier:
        old = known.get(row.version)
        now_fen = old.calculate(row.inputs.get, on).amount_fen if old is not None else 0
        compared.append(PreviewCase(row.number, None, now_fen, proposed.calculate(row.inputs.get, on).amount_fen, True))
    return Preview(
        connection.execute(_COUNT_OPEN, asked).scalar_one(),
        tuple(_open_case(connection, caches, row, item, proposed) for row in rows),
        tuple(compared),
    )


def _open_case(connection: Connection, caches: Caches, row: Any, item: PowerItem, proposed: FeeStandard) -> PreviewCase:
    bundle = caches.bundles.get(connection, row.definition_id)
    own = caches.items.get(connection, item.code, row.item_version)
    values = CaseValues(connection, row.id, bundle, own, row.state, lambda: county_today(connection, caches))
    keeps = row.accepted_on is not None and row.accepted_on < proposed.effective_on
    now_fen = values.fee.calculation.amount_fen if values.fee.calculation is not None else 0
    then_fen = now_fen if keeps else values.fee.under(proposed).amount_fen
    return PreviewCase(row.number, row.accepted_on, now_fen, then_fen, keeps)
