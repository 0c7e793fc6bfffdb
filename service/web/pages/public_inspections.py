"""Random inspections as anybody may follow them: plans before they begin, seeds and results afterwards."""

from __future__ import annotations

from flask import render_template

from service.reads.inspections import read_public_draws
from service.web.pages.shell import ask, pages


@pages.get("/public/inspections")
def public_inspections() -> str:
    """The plans and draws, the newest first."""
    return render_template("public_inspections.html", draws=ask(read_public_draws))
