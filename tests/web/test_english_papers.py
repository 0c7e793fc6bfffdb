"""Courtesy translations: the organ, ways and sums in English, whatever the rows were when the paper was made."""

from __future__ import annotations

from tests.service_fixtures import Office
from tests.unit.test_documents import text

SG = "LJ-SG-XK-001"
ORGAN = "MarketRegulationBureauofLinjiangCounty"


def test_english_papers_name_the_organ_the_matter_and_the_way_of_delivery_in_english(office: Office) -> None:
    number = office.start(SG)["number"]
    office.walk(number, "the end")
    printer = office.sign_in("sg_printer").sure()
    for kind in ("acceptance_notice", "certificate", "delivery_receipt"):
        paper = printer.post(f"/cases/{number}/documents/{kind}/print?lang=en")
        assert paper.status_code == 200, paper.text
        said = text(paper.data)
        assert ORGAN in said and "临江县市场监督管理局" not in said, kind
        if kind == "certificate":
            assert "Foodbusinesslicence" in said
        if kind == "delivery_receipt":
            assert "WayofdeliveryAtthewindow" in said or "WayofdeliveryBycourier" in said
    original = printer.post(f"/cases/{number}/documents/acceptance_notice/print")
    assert "临江县市场监督管理局" in text(original.data)
