"""What people in the stories know by heart: who they are, and true answers to the county's forms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from service.demo.answers import Story, answers

YJ, MZ, HB, ZR = "LJ-YJ-XK-001", "LJ-MZ-XK-001", "LJ-HB-XK-001", "LJ-ZR-QR-001"
RELIEF, LEVY = "LJ-MZ-JF-001", "LJ-ZJ-ZS-001"
HOTLINE, INSPECTION, PENALTY = "LJ-RX-EX-001", "LJ-SG-JC-001", "LJ-CG-CF-001"
SPOT = "LJ-CG-CF-002"
MILESTONES = "LJ-FG-EX-002"
APPLICANT = ("临江县恒晟化工有限公司", "91329901MA1K2T3X6K", "13800138001")
HOUSEHOLDER = Story("LJ-MZ-JF-001", 0, date(2026, 11, 23)).person
OFFICERS = ("李建华 F-0003", "陈国强 F-0004")


def known(item: str, form: str, now: datetime, **choices: Any) -> dict[str, Any]:
    """Answers of the first demonstration story of an item; the choices vary them."""
    today = now.date()
    return answers(Story(item, 0, today, officers=OFFICERS, choices=choices), form, today)
