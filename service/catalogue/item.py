"""A power item as frozen rules, compiled once a version. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from service.expressions import Expression, compile_expression

Lookup = Callable[[str], object]

# The ten kinds of power (权力类别), and what the county supervises beside them.
CATEGORIES: Final = frozenset("XK CF QZ ZS JF JC QR JL CJ QT EX".split())
AGENT_AUTHORISATION: Final = "agent_authorisation"
# What a fee is measured by, and the answers by which it is reduced.
MEASURED = "measured_m2"
_READ_BY_FEES = frozenset({MEASURED, "reduction_decision", "reduction_fen"})

DEFINITION_KEYS: Mapping[str, str] = {
    "LJ-YJ-XK-001": "hazardous_chemicals_licence",
    "LJ-MZ-XK-001": "social_organisation_registration",
    "LJ-HB-XK-001": "environmental_impact_approval",
    "LJ-ZR-QR-001": "real_estate_transfer",
    "LJ-SG-XK-001": "food_business_licence",
    "LJ-WJ-XK-001": "medical_institution_registration",
    "LJ-MZ-JF-001": "temporary_relief",
    "LJ-ZJ-ZS-001": "road_excavation_levy",
    "LJ-RX-EX-001": "hotline_order",
    "LJ-SG-JC-001": "market_inspection",
    "LJ-FG-EX-002": "project_milestones",
    "LJ-CG-CF-001": "street_occupation_penalty",
    "LJ-CG-CF-002": "spot_penalty",
}


def _when(source: Any) -> Expression | None:
    return None if source in (None, "always", True) else compile_expression(str(source))


@dataclass(frozen=True, slots=True)
class Material:
    """A material of the checklist. `when` None is always."""

    key: str
    name_zh: str
    name_en: str
    kind: str
    provided_by: str
    required: bool
    needed_before_step: str
    min_files: int
    when: Expression | None
    source: str | None
    basis: str
    # Other kinds of file than the usual ones that this material may be (`text/plain`).
    also_accepts: frozenset[str]
    # The form of whose questions a blank paper (空白表格) is drawn for this material, or AGENT_AUTHORISATION.
    blank_form: str | None = None
    # The items whose certificates may be handed in for it as they stand on the register (电子证照), and the fields
    # whose answers may name their holder beside the applicant.
    certificate_of: frozenset[str] = frozenset()
    holder_fields: tuple[str, ...] = ()

    def applies(self, lookup: Lookup) -> bool:
        return self.when is None or self.when.holds(lookup)

    def name(self, locale: str) -> str:
        return self.name_en if locale.startswith("en") else self.name_zh


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One row of a fee standard: a fixed amount, so much each of what the condition counts, or so much a measure."""

    condition: Expression
    amount_fen: int | None
    add_fen_each: int | None
    counted: str | None
    fen_per_m2: int | None = None


@dataclass(frozen=True, slots=True)
class FeeStandard:
    """What the row says of its fee. Its rule is the first version of the standard (`service.fees.standards`)."""

    name_zh: str
    kind: str
    item_code: str
    gate_before_step: str
    rows: tuple[FeeRow, ...]
    legal_source: str = ""


@dataclass(frozen=True, slots=True)
class Former:
    """The certificate of an earlier case that ends when this paper is handed out. `number` is the field that names it,
    `code` one whose answer is its holder's; without either it is the applicant's own. `standing` is what it then is.
    """

    number: str | None = None
    code: str | None = None
    when: Expression | None = None
    standing: str = "replaced"
    # When it holds, the new one lasts no longer than the former: a change (变更) begins no term of its own.
    keeps_term: Expression | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """How a paper stands on the register of certificates: the fields of its holder's name and code, if that is not the
    applicant, those of its term, and what it ends.
    """

    holder: tuple[str, str] | None = None
    term: tuple[str, str] = ("valid_from", "valid_until")
    former: Former | None = None


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """A document that the item makes at a step. `number_pattern` has {year}, {seq} with a width, {form}."""

    kind: str
    name_zh: str
    made_at_step: str
    when: Expression | None
    number_pattern: str | None
    validity: str | None
    # `done`: made when its step is done; `entry`: when it begins, so that it can be printed and served in it; `act`: by
    # an act of a person that no step draws.
    made_on: str = "done"
    registration: Registration = Registration()

    def applies(self, lookup: Lookup) -> bool:
        return self.when is None or self.when.holds(lookup)


@dataclass(frozen=True, slots=True)
class PowerItem:
    """An item's version. `content` is the row as the county entered it, for the guide and the editor."""

    code: str
    version: int
    name_zh: str
    name_en: str
    category: str
    department: str
    definition_key: str
    handling_type: str
    materials: Mapping[str, Material]
    fee: FeeStandard | None
    documents: tuple[DocumentRule, ...]
    case_min_duration: str | None
    public_fields: tuple[str, ...]
    masked_fields: tuple[str, ...]
    limits: Mapping[str, Any]
    names: frozenset[str]
    # Documents that are made when a step begins, by the step.
    made_on_entry: Mapping[str, tuple[DocumentRule, ...]]
    # Step -> keys of materials that are asked for before it whatever the diagram says.
    always_asked: Mapping[str, tuple[str, ...]]
    content: Mapping[str, Any]
    # Answers of the first form that say whom the case is about, where nobody applies at a window.
    applicant_from: Mapping[str, str] = field(default_factory=dict)
    # Step -> the answer of it that names departments which read the case from then on (协办).
    readers_from: Mapping[str, str] = field(default_factory=dict)
    # Who begins a case: the post of the first step.
    first_post: str = "applicant"

    def name(self, locale: str) -> str:
        return self.name_en if locale.startswith("en") else self.name_zh

    @property
    def applicant_called(self) -> tuple[str, str]:
        """What whoever the case is about is called, Chinese and English; empty where it is an applicant."""
        return self.applicant_from.get("called_zh", ""), self.applicant_from.get("called_en", "")

    @property
    def penalises(self) -> bool:
        """行政处罚: a person whom it concerns is never shown to the public by name."""
        return self.category == "CF"

    @property
    def fines(self) -> bool:
        """Whether what the item asks for is a fine, which its decision sets, and no fee by a standard."""
        return self.fee is not None and self.fee.kind == "罚款"

    def document(self, kind: str) -> DocumentRule | None:
        return next((d for d in self.documents if d.kind == kind), None)


def build_item(code: str, version: int, definition_key: str, content: Mapping[str, Any]) -> PowerItem:
    """The rules of a catalogue row; raises ExpressionError for a condition outside the grammar."""
    listed = tuple(_material(m) for m in content.get("materials") or ())
    # Nobody applies, and so through no agent, where the answers say whom the case is about.
    authorisations = () if content.get("applicant_from") else (_authorisation(listed),)
    materials = (*listed, *authorisations)
    documents = tuple(_document(d) for d in content.get("documents") or ())
    fee = _fee(content["fee"]) if content.get("fee") else None
    publication = content.get("publication") or {}
    expressions = [m.when for m in materials] + [d.when for d in documents]
    expressions += [d.registration.former.keeps_term for d in documents if d.registration.former]
    read: frozenset[str] = frozenset()
    if fee:
        expressions += [row.condition for row in fee.rows]
        read = _READ_BY_FEES
    return PowerItem(
        code=code,
        version=version,
        name_zh=content["name_zh"],
        name_en=content["name_en"],
        category=content["category"]["code"],
        department=content["department"]["code"],
        definition_key=definition_key,
        handling_type=content.get("handling_type", ""),
        materials=MappingProxyType({m.key: m for m in materials}),
        fee=fee,
        documents=documents,
        case_min_duration=content.get("case_min_duration"),
        public_fields=tuple(publication.get("public_fields") or ()),
        masked_fields=tuple(publication.get("masked_fields") or ()),
        limits=MappingProxyType(dict(content.get("limits") or {})),
        names=read.union(*(e.names for e in expressions if e is not None)),
        made_on_entry=MappingProxyType(_by_step(d for d in documents if d.made_on == "entry")),
        always_asked=MappingProxyType({one.needed_before_step: (one.key,) for one in authorisations}),
        content=content,
        applicant_from=MappingProxyType(dict(content.get("applicant_from") or {})),
        readers_from=MappingProxyType(dict(content.get("readers_from") or {})),
        first_post=first_post(content),
    )


def first_post(content: Mapping[str, Any]) -> str:
    """Who begins a case by the row: the post of its first step."""
    return next((str(step["post"]) for step in content.get("steps") or ()), "applicant")


def _material(row: Mapping[str, Any]) -> Material:
    return Material(
        key=row["key"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        kind=row["kind"],
        provided_by=row["provided_by"],
        required=bool(row["required"]),
        needed_before_step=row["needed_before_step"],
        min_files=int(row.get("min_files", 1)),
        when=_when(row.get("when")),
        source=row.get("source"),
        basis=str(row.get("basis") or ""),
        also_accepts=frozenset(row.get("also_accepts") or ()),
        blank_form=row.get("blank_form"),
        certificate_of=frozenset(row.get("certificate_of") or ()),
        holder_fields=tuple(row.get("holder_fields") or ()),
    )


def _authorisation(materials: tuple[Material, ...]) -> Material:
    """Who acts through an agent (代理人) hands in his authorisation, with the first papers that he has to bring."""
    first = next((m.needed_before_step for m in materials if m.provided_by == "applicant"), "issue_acceptance")
    return Material(
        key=AGENT_AUTHORISATION,
        name_zh="授权委托书",
        name_en="Letter of authorisation",
        kind="original",
        provided_by="applicant",
        required=True,
        needed_before_step=first,
        min_files=1,
        when=compile_expression("has_agent"),
        source=None,
        basis="《中华人民共和国行政许可法》第二十九条",
        also_accepts=frozenset(),
        blank_form=AGENT_AUTHORISATION,
    )


def _document(row: Mapping[str, Any]) -> DocumentRule:
    return DocumentRule(
        kind=row["key"],
        name_zh=row["name_zh"],
        made_at_step=row["made_at_step"],
        when=_when(row.get("when")),
        number_pattern=row.get("number_pattern"),
        validity=row.get("validity"),
        made_on=row.get("made_on", "done"),
        registration=_registration(row),
    )


def _registration(row: Mapping[str, Any]) -> Registration:
    holder, term, former = row.get("holder"), row.get("term"), row.get("ends")
    return Registration(
        (holder[0], holder[1]) if holder else None,
        (term[0], term[1]) if term else Registration().term,
        _former(former) if former else None,
    )


def _former(row: Mapping[str, Any]) -> Former:
    return Former(
        row.get("number"),
        row.get("code"),
        _when(row.get("when")),
        row.get("standing", "replaced"),
        compile_expression(row["keeps_term"]) if row.get("keeps_term") else None,
    )


def _by_step(documents: Iterable[DocumentRule]) -> dict[str, tuple[DocumentRule, ...]]:
    found: dict[str, tuple[DocumentRule, ...]] = {}
    for one in documents:
        found[one.made_at_step] = (*found.get(one.made_at_step, ()), one)
    return found


def _fee(row: Mapping[str, Any]) -> FeeStandard:
    return FeeStandard(
        name_zh=row.get("name_zh", row["kind"]),
        kind=row["kind"],
        item_code=row["non_tax_item_code"],
        gate_before_step=row["gate_before_step"],
        rows=tuple(_fee_row(r) for r in row["rule"]) if row["kind"] != "罚款" else (),
        legal_source=str(row.get("basis") or row.get("fee_basis") or "") or row["kind"],
    )


def _fee_row(row: Mapping[str, Any]) -> FeeRow:
    condition = compile_expression(str(row["condition"]))
    counted = next(iter(sorted(condition.names)), None) if "add_fen_each" in row else None
    return FeeRow(condition, row.get("amount_fen"), row.get("add_fen_each"), counted, row.get("fen_per_m2"))
