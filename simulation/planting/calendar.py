"""How many of what: the ordinary cases of the year, few breaches of each form among them, and as many look-alikes."""

from __future__ import annotations

from service.demo.tickets import load_books
from simulation.planting import (
    batch,
    bunching,
    cash,
    concentrated,
    eve,
    fee,
    material,
    off_system,
    overdue,
    reduced,
    service,
    silence,
    supervision,
    too_early,
)
from simulation.planting.plot import Plot

_MODULES = (
    *(overdue, too_early, batch, eve, off_system, concentrated),
    *(fee, reduced, cash, material, service, supervision, bunching),
)
# Each module says how often a form comes in a county of so many cases.
OF_CASES = 600


def plant(plot: Plot, cases: int) -> None:
    """Everything that will happen, in no order."""
    load_books(plot.hands.engine, plot.hands.now)
    silence.fall_silent(plot)
    for module in _MODULES:
        forms = getattr(module, "ADAPTED", module.BREACHES) if plot.adaptive else module.BREACHES
        for form, often in {**forms, **module.INNOCENT}.items():
            for _ in range(max(1, round(often * cases / OF_CASES))):
                form(plot)
    supervision.mornings(plot)
    for course in plot.arrivals.ordinary(max(0, cases - plot.courses)):
        plot.take(course)
    silence.volumes_of_the_year_before(plot)
