"""What the case page shows of papers and entries beside the form: slips put right, certificates to hand in again."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from service.reads.case_page import CasePage
from service.reads.case_view import CaseView
from service.reads.earlier_certificates import EarlierCertificate, earlier_certificates
from service.web.context import context
from service.web.pages.shell import pages, today
from service.web.pages.slips import corrected_slips, open_slips


def has_registers() -> bool:
    """Whether this installation looks anything up in official registers."""
    return bool(context().services.settings.registers_url)


pages.add_app_template_global(has_registers, "has_registers")


def parts_of_papers(connection: Connection, page: CasePage, view: CaseView) -> dict[str, object]:
    """Parts of the page by their names in its template."""
    return {
        "slips": open_slips(page.found, view),
        "corrected": corrected_slips(page),
        "reusable": _certificates_to_reuse(connection, page, view),
    }


def _certificates_to_reuse(
    connection: Connection, page: CasePage, view: CaseView
) -> Mapping[str, tuple[EarlierCertificate, ...]]:
    """By material, those of the applicant that could be handed in today."""
    item, row = page.found.item, page.found.row
    if item is None or view.status in ("completed", "terminated"):
        return {}
    return earlier_certificates(connection, row.id, item.materials.values(), row.applicant or {}, today(connection))
