"""The pages: each handler parses, calls one query or one command, and renders. Joins live in service/reads."""

from __future__ import annotations

from importlib import import_module

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import Babel

from service.web.context import WebContext
from service.web.request import locale
from service.web.translations_build import compiled_folder

_BABEL_LOCALES = {"zh-CN": "zh_Hans_CN", "en": "en"}


# In this order their routes stand in the blueprint.
_MODULES = (
    "alarm_acts",
    "alarm_rules",
    "attendance",
    "calendar",
    "case_acts",
    "case_moves",
    "case_readers",
    "cases",
    "cash",
    "centre",
    "certificates",
    "copies",
    "dead_letters",
    "dissection",
    "document_words",
    "door",
    "fee_changes",
    "feedback",
    "fines",
    "fee_standards",
    "hand_over",
    "incidents",
    "hotline",
    "inspection_pools",
    "leaves",
    "lookups",
    "new_case",
    "notices",
    "office",
    "office_hours",
    "opinions",
    "outages",
    "paper_receipts",
    "people",
    "problems",
    "printing",
    "processes",
    "public",
    "public_payment",
    "public_inspections",
    "reconciliation",
    "reusing",
    "rules",
    "second_step",
    "shell",
    "supervision",
    "task_moves",
    "ticket_books",
    "treasury",
    "unmatched",
    "work",
)


class WordsWhenBrought(SecureCookieSessionInterface):
    """Flask's signed cookie, which makes no signer for a request that brings none: no program's request does."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def register_pages(app: Flask, web: WebContext) -> None:
    """Add the pages to an application whose context is installed; refusals outside the interface become pages."""
    # The modules add their routes to the blueprint when they are imported.
    for module in _MODULES:
        import_module(f"{__name__}.{module}")
    from service.web.pages import problems, shell

    settings = web.services.settings
    app.secret_key = settings.secret_key
    app.session_interface = WordsWhenBrought()
    app.config.update(
        SESSION_COOKIE_NAME="mingjing_words",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        TRAP_BAD_REQUEST_ERRORS=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    Babel(
        app,
        default_locale="zh_Hans_CN",
        default_translation_directories=str(compiled_folder(settings.data / "translations")),
        locale_selector=lambda: _BABEL_LOCALES[locale()],
    )
    app.register_blueprint(shell.pages)
    web.page_of_problem = problems.page_of_problem
