"""How many of what: the ordinary cases of the year, few breaches of each form among them, and as many look-alikes."""

from __future__ import annotations

from simulation.planting import (
    batch,
    bunching,
    concentrated,
    fee,
    material,
    off_system,
    overdue,
    service,
    supervision,
    too_early,
)
from simulation.planting.plot import Plot

_MODULES = (overdue, too_early, batch, off_system, concentrated, fee, material, service, bunching)
# A form of a breach comes so often in a thousand cases.
PER_THOUSAND = 7


def plant(plot: Plot, cases: int) -> None:
    """Everything that will happen, in no order."""
    times = max(1, round(PER_THOUSAND * cases / 1000))
    for module in _MODULES:
        forms = getattr(module, "ADAPTED", module.BREACHES) if plot.adaptive else module.BREACHES
        for form in (*forms, *module.INNOCENT):
            for _ in range(times):
                form(plot)
    supervision.mornings(plot)
    for course in plot.arrivals.ordinary(max(0, cases - plot.courses)):
        plot.take(course)
