"""The items by short names; `ITEMS` are those that run like a licence."""

from __future__ import annotations

YJ, MZ, HB = "LJ-YJ-XK-001", "LJ-MZ-XK-001", "LJ-HB-XK-001"
ZR, SG, WJ = "LJ-ZR-QR-001", "LJ-SG-XK-001", "LJ-WJ-XK-001"
RELIEF, LEVY, PENALTY = "LJ-MZ-JF-001", "LJ-ZJ-ZS-001", "LJ-CG-CF-001"
SPOT = "LJ-CG-CF-002"
HOTLINE = "LJ-RX-EX-001"
INSPECTION = "LJ-SG-JC-001"
MILESTONES = "LJ-FG-EX-002"
ITEMS = (YJ, MZ, HB, ZR, SG, WJ)
OBJECTION = {
    "objector_name": "王晓燕",
    "objector_mobile": "13800138004",
    "objection_text": "项目离学校太近，请说明防护距离和排放情况。",
}
