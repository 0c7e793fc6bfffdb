"""Working time: which days and hours count, and when a limit of the law falls due. Pure: no clock, no session."""

from service.working_time.calendar import WorkingCalendar
from service.working_time.day_table import FIRST_YEAR, LAST_YEAR
from service.working_time.limits import (
    LARGEST_LIMIT,
    Limit,
    Remaining,
    RemainingWork,
    Unit,
    WarningInstants,
)
from service.working_time.office_hours import OfficeHours
from service.working_time.official_days import DayKind, seed_days, statutory_days
from service.working_time.timer_functions import TIMER_FUNCTIONS, TimerFunctions, TimerValue, expression_functions

__all__ = [
    "FIRST_YEAR",
    "LARGEST_LIMIT",
    "LAST_YEAR",
    "TIMER_FUNCTIONS",
    "DayKind",
    "Limit",
    "OfficeHours",
    "Remaining",
    "RemainingWork",
    "TimerFunctions",
    "TimerValue",
    "Unit",
    "WarningInstants",
    "WorkingCalendar",
    "expression_functions",
    "seed_days",
    "statutory_days",
]
