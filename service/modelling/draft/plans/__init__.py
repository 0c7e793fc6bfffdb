"""Where the items of other shapes than an application's stand on the page, one module an item."""

from __future__ import annotations

from collections.abc import Mapping

from service.modelling.draft.planned import Plan
from service.modelling.draft.plans.hotline import HOTLINE
from service.modelling.draft.plans.inspection import INSPECTION
from service.modelling.draft.plans.levy import LEVY
from service.modelling.draft.plans.milestones import MILESTONES
from service.modelling.draft.plans.penalty import PENALTY
from service.modelling.draft.plans.relief import RELIEF
from service.modelling.draft.plans.spot_penalty import SPOT_PENALTY

PLANS: Mapping[str, Plan] = {
    "LJ-MZ-JF-001": RELIEF,
    "LJ-ZJ-ZS-001": LEVY,
    "LJ-RX-EX-001": HOTLINE,
    "LJ-SG-JC-001": INSPECTION,
    "LJ-FG-EX-002": MILESTONES,
    "LJ-CG-CF-001": PENALTY,
    "LJ-CG-CF-002": SPOT_PENALTY,
}
