"""热线月报: what departments did with the month's calls, and the same as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Response as FlaskResponse
from flask import render_template
from sqlalchemy import Connection

from service.cases.work_orders import MonthlyFigures, total_of
from service.errors import Refused
from service.people.queries import department_names
from service.reads.hotline_figures import Month, month_of, read_figures
from service.web.pages import words
from service.web.pages.shell import argument, ask, calendar, pages, today
from service.web.pages.words import say
from service.web.request import now, require_actor

_COLUMNS = (
    ("received", words.N_("来电件数")),
    ("declined", words.N_("不属受理范围")),
    ("answered", words.N_("已答复")),
    ("in_time", words.N_("按时答复")),
    ("overdue", words.N_("超时")),
    ("in_time_rate", words.N_("按时率（%）")),
    ("asked", words.N_("回访有评价")),
    ("satisfied", words.N_("满意")),
    ("satisfied_rate", words.N_("满意率（%）")),
    ("returned", words.N_("退单")),
    ("secret", words.N_("保密件数")),
)
# The byte order mark tells spreadsheets that the file is UTF-8.
_MARK = "\ufeff"


def _columns() -> list[tuple[str, str]]:
    return [(name, say(word)) for name, word in _COLUMNS]


def _read(connection: Connection, month: Month) -> list[tuple[str, MonthlyFigures]]:
    """Each department by its name, then all together where there are several."""
    names = department_names(connection)
    rows = read_figures(connection, calendar(connection), require_actor(), month)
    named = [(names[row.department][words.in_english()], row) for row in rows]
    return [*named, (say("合计"), total_of(rows))] if len(rows) > 1 else named


@pages.get("/hotline/figures")
def hotline_figures() -> str:
    """The figures of a month; a wrong month is answered by this one, and told."""

    def read(connection: Connection) -> dict[str, Any]:
        given, wrong = argument("month"), False
        try:
            month = month_of(given, today(connection))
        except Refused:
            month, wrong = month_of(None, today(connection)), True
        return {"month": month, "wrong": wrong, "rows": _read(connection, month)}

    titles = [(say("部门"), ""), *((word, "num") for _, word in _columns())]
    return render_template("hotline_figures.html", **ask(read), columns=_columns(), titles=titles, at=now())


@pages.get("/hotline/figures.csv")
def hotline_figures_file() -> FlaskResponse:
    """The same as a file for a spreadsheet."""

    def read(connection: Connection) -> tuple[Month, list[tuple[str, MonthlyFigures]]]:
        month = month_of(argument("month"), today(connection))
        return month, _read(connection, month)

    month, rows = ask(read)
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow([say("部门"), *(word for _, word in _columns())])
    for name, row in rows:
        values = [getattr(row, column) for column, _ in _columns()]
        writer.writerow([name, *("" if value is None else value for value in values)])
    response = FlaskResponse(_MARK + sheet.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="hotline-{month.name}.csv"'
    return response
