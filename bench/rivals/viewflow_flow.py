"""The licence as a flow class, as Viewflow's documentation has it. Django is set up before this is read."""

from __future__ import annotations

from viewflow import this
from viewflow.workflow import flow
from viewflow.workflow.flow import views
from viewflow.workflow.models import Process


class Licence(flow.Flow):  # type: ignore[misc]
    """Five steps in a row; the start is the application."""

    process_class = Process

    apply = flow.StartHandle(this.applied).Next(this.formal_check)
    formal_check = flow.View(views.UpdateProcessView.as_view(fields=[])).Next(this.site_survey)
    site_survey = flow.View(views.UpdateProcessView.as_view(fields=[])).Next(this.section_review)
    section_review = flow.View(views.UpdateProcessView.as_view(fields=[])).Next(this.decide)
    decide = flow.View(views.UpdateProcessView.as_view(fields=[])).Next(this.end)
    end = flow.End()

    def applied(self, activation: object, given: dict[str, object]) -> object:
        """The answers lie in the process' own JSON."""
        activation.process.data = given  # type: ignore[attr-defined]
        return activation.process  # type: ignore[attr-defined]
