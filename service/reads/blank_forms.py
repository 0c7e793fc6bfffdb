"""The blank paper of a material of an item in force: which questions it asks."""

from __future__ import annotations

from sqlalchemy import Connection

from service.catalogue.item import AGENT_AUTHORISATION, Material
from service.certificates.blank_form import BlankForm, BlankLine, authorisation_lines, lines_of
from service.errors import not_found
from service.people.organs import organ_in_english, organ_in_full
from service.reads.case_values import Caches
from service.reads.guide import Guide, read_guide


def find_blank_form(connection: Connection, caches: Caches, code: str, material: str, locale: str) -> BlankForm:
    """The paper to fill in. Raises Refused not_found for an unknown item and for a material without a blank paper."""
    guide = read_guide(connection, caches, code)
    found = guide.item.materials.get(material) if guide is not None else None
    if guide is None or found is None or found.blank_form is None:
        raise not_found("该空白表格", f"blank form of {material} for {code}")
    english, named = locale.startswith("en"), (guide.department_zh, guide.department_en)
    return BlankForm(
        found.name(locale),
        organ_in_english(*named) if english else organ_in_full(guide.department_zh),
        guide.item.name(locale),
        guide.definition_version,
        _lines(guide, found, locale),
        locale,
        "authorisation" if found.blank_form == AGENT_AUTHORISATION else "application",
    )


def _lines(guide: Guide, material: Material, locale: str) -> tuple[BlankLine, ...]:
    if material.blank_form == AGENT_AUTHORISATION:
        return authorisation_lines(locale)
    form = guide.bundle.forms.get(material.blank_form or "")
    if form is None:
        raise not_found("该空白表格", f"form {material.blank_form} of {guide.item.code}")
    return lines_of(form, locale)
