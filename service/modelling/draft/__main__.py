"""Draws the diagrams of a catalogue: `python -m service.modelling.draft CATALOGUE FOLDER`."""

from __future__ import annotations

import argparse
from pathlib import Path

from service.modelling.draft.catalogue_reading import catalogue_rows, read_item
from service.modelling.draft.certificate_change import certificate_change
from service.modelling.draft.drafting import draft_item, draw
from service.modelling.draft.fee_change import fee_reduction, fee_refund
from service.modelling.draft.planned import draft_planned
from service.modelling.draft.plans import PLANS
from service.modelling.draft.shared_processes import shared_processes
from service.modelling.draft.supervision_order import supervision_order

PROCESS_KEYS = {
    "LJ-YJ-XK-001": "hazardous_chemicals_licence",
    "LJ-MZ-XK-001": "social_organisation_registration",
    "LJ-HB-XK-001": "environmental_impact_approval",
    "LJ-ZR-QR-001": "real_estate_transfer",
    "LJ-SG-XK-001": "food_business_licence",
    "LJ-WJ-XK-001": "medical_institution_registration",
}
"""The process of each item that runs like an application; the others of the catalogue have a plan of their own."""


def draw_catalogue(catalogue: Path, folder: Path) -> list[Path]:
    """Write power_items/, shared/, office/ and supervision/; returns the paths written."""
    written = []
    for row in catalogue_rows(catalogue):
        key, plan = PROCESS_KEYS.get(row["code"]), PLANS.get(row["code"])
        if key:
            written.append(_write(folder / "power_items" / f"{key}.bpmn", draft_item(read_item(row), key)))
        elif plan:
            drawn = draw(draft_planned(read_item(row), plan))
            written.append(_write(folder / "power_items" / f"{plan.key}.bpmn", drawn))
    written += [_write(folder / "shared" / f"{sketch.id}.bpmn", draw(sketch)) for sketch in shared_processes()]
    order = supervision_order()
    for change in (certificate_change(), fee_reduction(), fee_refund()):
        written.append(_write(folder / "office" / f"{change.id}.bpmn", draw(change)))
    return [*written, _write(folder / "supervision" / f"{order.id}.bpmn", draw(order))]


def _write(path: Path, xml: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(xml)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m service.modelling.draft", description=__doc__)
    parser.add_argument("catalogue", type=Path, help="items.yaml")
    parser.add_argument("folder", type=Path, help="where power_items/ lies")
    arguments = parser.parse_args()
    for path in draw_catalogue(arguments.catalogue, arguments.folder):
        print(path)


if __name__ == "__main__":
    main()
