"""Takes pictures of every page for people to look at: `python -m tests.browser.look FOLDER`.

The demo county is loaded once into FOLDER/county (or `--county`) and served on a free port; then each page is opened
as somebody who may, in Chinese and English, 1280 and 390 wide. `--only WORD` takes the pages whose name has the word.
"""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import Connection, Engine, text
from werkzeug.serving import make_server

from service.clock import MovedClock
from service.database.session import reading
from service.database.upgrading import upgrade
from service.demo.county import PASSWORD
from service.demo.loading import load_demo
from service.demo.standing import LOADED, demo_state
from service.enquiry.reference import secret_of
from service.log import configure_logging
from service.main import build
from service.settings import read_settings
from service.web.islands_build import SOURCE
from tests.browser.conftest import FLAGS

NOW = datetime(2026, 11, 23, 10, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
WIDTHS = (1280, 390)
LANGUAGES = ("zh-CN", "en")
# A picture waits until no island is on its way any more.
ON_THE_WAY = "[data-island]:not([data-ready]):not([data-failed])"


AXE = SOURCE / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
NOT_OURS = [[".djs-container"], [".bio-properties-panel"]]


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it; `who` empty is the public. `press` is a selector to click before the picture."""

    name: str
    who: str
    path: str
    press: str = ""


def sights(engine: Engine, key: bytes) -> Iterator[Sight]:
    """Every page, with cases in every state that the county holds."""
    yield from _offices()
    with reading(engine) as connection:
        yield from _cases(connection)
        yield from _books(connection)
        yield from _public(connection, key)


def _offices() -> Iterator[Sight]:
    yield Sight("sign-in", "", "/sign-in")
    yield Sight("work-mine", "sg_officer", "/work")
    yield Sight("work-claimable", "yj_officer", "/work?view=claimable")
    yield Sight("work-done", "sg_section", "/work?view=done")
    yield Sight("work-empty", "sup2", "/work?q=nothing-at-all")
    yield Sight("cases", "sup2", "/cases")
    yield Sight("cases-none", "yj_clerk", "/cases?q=%E6%B2%A1%E6%9C%89")
    yield Sight("new-choose", "yj_clerk", "/cases/new")
    yield Sight("new-applicant", "yj_clerk", "/cases/new/LJ-YJ-XK-001")
    yield Sight("outages", "secadmin", "/outages")
    yield Sight("outages-one", "sup2", "/outages/1")
    yield Sight("outages-receipts", "hb_section", "/paper-receipts")
    yield Sight("outages-block", "hb_clerk", "/paper-receipts/1")
    yield Sight("ticket-books", "cz_cashier", "/ticket-books")
    yield Sight("ticket-book-one", "cg_officer", "/ticket-books/1")
    yield Sight("ticket-book-cashier", "cg_cashier", "/ticket-books/2")
    yield Sight("cash-officer", "cg_officer", "/cash")
    yield Sight("cash-cashier", "cg_cashier", "/cash")
    yield Sight("cash-banked", "cg_section", "/cash?view=banked")
    yield Sight("alarms", "sup2", "/alarms")
    yield Sight("orders", "sup2", "/orders")
    yield Sight("overdue_causes", "sup2", "/overdue-causes?from=2026-10-01&to=2026-11-23")
    yield Sight("orders_centre", "centre", "/centre")
    yield Sight("orders_figures", "sup2", "/orders/statistics")
    yield Sight("rules_all", "sup2", "/rules")
    yield Sight("rules_one", "sup2", "/rules/batch.burst")
    yield Sight("feedback", "yj_section", "/feedback")
    yield Sight("processes", "designer", "/processes")
    yield Sight("process", "designer", "/processes/hazardous_chemicals_licence")
    yield Sight("process-version", "auditor", "/processes/hazardous_chemicals_licence/versions/1")
    yield Sight("modeler", "designer", "/processes/hazardous_chemicals_licence/edit")
    yield Sight("modeler-new", "designer", "/processes/new")
    yield Sight("people", "secadmin", "/people")
    yield Sight("person", "secadmin", "/people/3")
    yield Sight("person-account", "sysadmin", "/people/3")
    yield Sight("people-account", "sysadmin", "/people")
    yield Sight("departments", "sysadmin", "/departments")
    yield Sight("settings", "secadmin", "/settings")
    yield Sight("permissions", "auditor", "/permissions")
    yield Sight("office-changes", "auditor", "/office-changes")
    yield Sight("stand-ins", "secadmin", "/stand-ins")
    yield Sight("my-password", "yj_clerk", "/my-password")
    yield Sight("delegations", "yj_head", "/delegations")
    yield Sight("calendar", "sysadmin", "/calendar?month=2026-10")
    asked = (
        "day=2026-11-26&until=2026-11-27&kind=rest&name=%E5%8E%BF%E5%BA%86&reason=%E5%8E%BF%E5%BA%86%E6%94%BE%E5%81%87"
    )
    yield Sight("calendar-preview", "sysadmin", f"/calendar/preview?{asked}")
    yield Sight("calendar-notice", "sysadmin", "/calendar/notice?notice=2027")
    yield Sight("calendar-changes", "yj_clerk", "/calendar/changes")
    yield Sight("office-hours", "sysadmin", "/office-hours")
    hours = "effective_on=2026-11-24&hours=09:00-12:00,13:00-18:00&reason=%E5%86%AC%E5%AD%A3%E4%BD%9C%E6%81%AF"
    yield Sight("office-hours-preview", "sysadmin", f"/office-hours/preview?{hours}")
    yield Sight("incidents", "sysadmin", "/incidents")
    yield Sight("attendance", "sup2", "/attendance?from=2026-10-26&to=2026-11-23")
    yield Sight("attendance-own", "sg_clerk", "/attendance")
    yield Sight("public-attendance", "", "/public/attendance")
    yield Sight("thresholds", "sup2", "/thresholds")
    yield Sight("notices", "sup2", "/notices")
    yield Sight("hand-over", "secadmin", "/hand-over")
    yield Sight("certificates", "yj_printer", "/certificates")
    yield Sight("copies", "yj_section", "/copies")
    yield Sight("opinions", "yj_section", "/opinions")
    yield Sight("dead-letters", "sysadmin", "/dead-letters")
    yield Sight("unmatched-payments", "cz_cashier", "/unmatched-payments")
    yield Sight("treasury", "sup2", "/treasury")
    yield Sight("reconciliation", "sup2", "/reconciliation")
    yield Sight("reconciliation-opened", "centre", "/reconciliation?open=CG&only=1")
    yield Sight("reconciliation-differences", "sup2", "/reconciliation/differences?department=CG&status=open")
    yield Sight("reconciliation-volumes", "centre", "/reconciliation/volumes")
    yield Sight("leaves", "yj_head", "/leaves")
    yield Sight("figures-hotline", "rx_hotline_dispatcher", "/hotline/figures?month=2026-10")
    yield Sight("figures-lookups", "auditor", "/lookups")
    yield Sight("pool-objects", "sg_section", "/inspection-pools")
    yield Sight("pool-object", "sg_section", "/inspection-pools/objects/1")
    yield Sight("pool-officers", "sg_section", "/inspection-pools/officers")
    yield Sight("pool-interests", "sg_vice", "/inspection-pools/interests")
    yield Sight("fee-standards", "zr_cashier", "/fee-standards")
    yield Sight("fee-standard", "cz_section", "/fee-standards/LJ-ZR-QR-001")
    yield Sight("document-words", "sysadmin", "/document-words")
    yield Sight("document-words-one", "sysadmin", "/document-words/acceptance_notice?item=LJ-SG-XK-001")
    yield Sight("printing", "sg_printer", "/printing")
    yield Sight("public-inspections", "", "/public/inspections")
    yield Sight("public-penalties", "", "/public/penalties")
    yield Sight("missing", "yj_clerk", "/cases/YJ-XK-2026-999999")
    yield Sight("not-permitted", "yj_clerk", "/people")


_OPEN_TASK = """
SELECT c.number, t.id, t.department, t.post, p.username FROM user_task t JOIN "case" c ON c.id = t.case_id
LEFT JOIN person p ON p.id = t.assignee
WHERE t.status = 'open' AND c.kind = :kind AND {where} ORDER BY c.id DESC LIMIT 1
"""
_CASE = """SELECT c.number, c.department FROM "case" c WHERE c.kind = 'item' AND {where} ORDER BY c.id DESC LIMIT 1"""


def _cases(connection: Connection) -> Iterator[Sight]:
    for name, kind, where in (
        ("case-claimable", "item", "t.assignee IS NULL AND c.status = 'open' AND t.element_id = 'formal_check'"),
        ("case-survey", "item", "c.status = 'open' AND t.element_id = 'site_survey'"),
        ("case-review", "item", "c.status = 'open' AND t.element_id = 'section_review'"),
        ("case-decide", "item", "c.status = 'open' AND t.element_id = 'decide'"),
        ("case-print", "item", "c.status = 'open' AND t.element_id = 'print_certificate'"),
        ("case-penalty", "item", "c.power_item LIKE 'LJ-CG-CF-%'"),
        ("case-hotline", "item", "c.power_item LIKE 'LJ-RX-%'"),
        ("case-inspection", "item", "c.power_item LIKE 'LJ-SG-JC-%'"),
        ("case-milestones", "item", "c.power_item LIKE 'LJ-FG-%'"),
        ("case-ruling", "item", "c.status = 'halted' AND t.halts"),
        ("order-open", "order", "t.element_id IN ('sign', 'answer')"),
        ("order-handler", "order", "t.element_id IN ('handler_sign', 'handler_answer', 'judge')"),
        ("order-confirm", "order", "t.element_id = 'confirm'"),
        ("order-urge", "order", "t.element_id = 'urge'"),
    ):
        row = connection.execute(text(_OPEN_TASK.format(where=where)), {"kind": kind}).first()
        if row is not None:
            who = row.username or _holder(row.department, row.post)
            yield Sight(name, who, f"/{'orders' if kind == 'order' else 'cases'}/{row.number}?task={row.id}")
            if name == "case-ruling":
                yield Sight("case-halted", f"{row.department.lower()}_officer", f"/cases/{row.number}")
            if name == "case-decide":
                for side in ("mat", "fee", "his", "doc"):
                    yield Sight(f"case-tab-{side}", who, f"/cases/{row.number}", f"label:has(#side-{side})")
    yield from _quiet_cases(connection)
    alarm = connection.execute(text("SELECT id FROM alarm WHERE kind = 'too_early' ORDER BY id DESC LIMIT 1")).scalar()
    if alarm is not None:
        yield Sight("alarm", "sup2", f"/alarms/{alarm}")


def _books(connection: Connection) -> Iterator[Sight]:
    """One row of each register that has one."""
    person = connection.execute(
        text("SELECT assignee FROM user_task WHERE status = 'open' AND assignee IS NOT NULL LIMIT 1")
    ).scalar()
    if person is not None:
        yield Sight("hand-over-person", "secadmin", f"/hand-over/{person}")
    holder = connection.execute(text("SELECT officer FROM ticket_book WHERE officer IS NOT NULL LIMIT 1")).scalar()
    if holder is not None:
        yield Sight("hand-over-held", "secadmin", f"/hand-over/{holder}")
    certificate = connection.execute(
        text("SELECT document_id AS id, department FROM certificate ORDER BY document_id DESC LIMIT 1")
    ).first()
    if certificate is not None:
        yield Sight("certificate", f"{certificate.department.lower()}_printer", f"/certificates/{certificate.id}")
    imported = connection.execute(text("SELECT id FROM treasury_import ORDER BY id DESC LIMIT 1")).scalar()
    if imported is not None:
        yield Sight("treasury-file", "sup2", f"/treasury/{imported}")
    found = connection.execute(
        text("SELECT id FROM treasury_difference WHERE kind = 'D5' ORDER BY id LIMIT 1")
    ).scalar()
    if found is not None:
        yield Sight("reconciliation-difference", "sup2", f"/reconciliation/differences/{found}")


def _holder(department: str, post: str) -> str:
    return post if post in ("sup2", "centre") else f"{department.lower()}_{post}"


_UNPAID = "EXISTS (SELECT 1 FROM payment_notice n WHERE n.case_id = c.id AND n.status = 'unpaid')"
_NO_TASK = "NOT EXISTS (SELECT 1 FROM user_task t WHERE t.case_id = c.id AND t.status = 'open')"


def _quiet_cases(connection: Connection) -> Iterator[Sight]:
    for name, where, side in (
        ("case-waiting", f"c.status = 'open' AND {_NO_TASK} AND c.accepted_on IS NULL", ""),
        ("case-unpaid", _UNPAID, "fee"),
        ("case-reversed", "c.id IN (SELECT case_id FROM payment_reversal)", "fee"),
        ("case-closed", "c.status = 'completed' AND c.outcome = 'granted'", ""),
        ("case-refused", "c.status = 'completed' AND c.outcome = 'refused'", "his"),
    ):
        row = connection.execute(text(_CASE.format(where=where))).first()
        if row is not None:
            press = f"label:has(#side-{side})" if side else ""
            yield Sight(name, f"{row.department.lower()}_clerk", f"/cases/{row.number}", press)


def _public(connection: Connection, key: bytes) -> Iterator[Sight]:
    yield Sight("public-home", "", "/public")
    yield Sight("public-items", "", "/public/items")
    yield Sight("public-item", "", "/public/items/LJ-YJ-XK-001")
    yield Sight("public-item-fee", "", "/public/items/LJ-ZR-QR-001")
    yield Sight("public-verify-wrong", "", "/public/verify?number=12345")
    for name, where in (
        ("public-correction", f"c.status = 'open' AND {_NO_TASK} AND c.accepted_on IS NULL"),
        ("public-running", "c.status = 'open' AND c.accepted_on IS NOT NULL"),
        ("public-halted", "c.status = 'halted'"),
        ("public-closed", "c.status = 'completed' AND c.outcome = 'granted'"),
        ("public-unpaid", _UNPAID),
        ("public-objection", f"c.status = 'open' AND c.power_item = 'LJ-HB-XK-001' AND {_NO_TASK}"),
    ):
        row = connection.execute(text(_CASE.format(where=where))).first()
        if row is not None:
            yield Sight(name, "", f"/public/cases/{row.number}?secret={secret_of(key, row.number)}")
    number = connection.execute(text("SELECT number FROM document WHERE kind = 'certificate' LIMIT 1")).scalar()
    if number is not None:
        yield Sight("public-verify", "", f"/public/verify?number={number}")


def make_county(folder: Path) -> tuple[Flask, Engine, bytes]:
    """The application on the demo county in this folder, loaded first where it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = read_settings({"MINGJING_TESTING": "1"}, data=folder)
    upgrade(settings.database_url)
    built = build(settings, MovedClock(NOW))
    with reading(built.engine) as connection:
        state = demo_state(connection)
    if state != LOADED:
        load_demo(built.engine, built.services, built.drain)
    return built.app, built.engine, settings.secret_key


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of the application on a free port, until the block is left."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def sign_in(page: Page, address: str, who: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#username", who)
    page.fill("#password", PASSWORD)
    page.click("form .button.main")
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))


def faults(page: Page) -> list[str]:
    """What axe-core finds, drawings and panels of the libraries left out; nothing where it is not installed."""
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("([context, rules]) => axe.run(context, rules)", [{"exclude": NOT_OURS}, AXE_RULES])
    return [f"axe {rule['id']}: {node['html'][:160]}" for rule in found["violations"] for node in rule["nodes"][:3]]


def _note(complaints: list[str], line: ConsoleMessage) -> None:
    """What the console says of an answer is told by its status already: some pages are meant to be refused."""
    if line.type == "error" and not line.text.startswith("Failed to load resource"):
        complaints.append(f"console: {line.text}")


class Photographer:
    """One browser context for each person and language; complaints of the browser are told."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self._browser = browser
        self._address = address
        self._folder = folder
        self._contexts: dict[tuple[str, str], BrowserContext] = {}

    def take(self, sight: Sight, language: str, width: int) -> list[str]:
        """Write NAME-WIDTH-LANGUAGE.png; what the browser complained of, and whether the page scrolls sideways."""
        complaints: list[str] = []
        page = self._context(sight.who, language).new_page()
        page.on("pageerror", lambda error: complaints.append(f"page: {error}"))
        page.on("console", lambda line: _note(complaints, line))
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(self._address + sight.path)
        if answer is not None and answer.status >= 500:
            complaints.append(f"status {answer.status}")
        page.wait_for_selector(ON_THE_WAY, state="detached", timeout=20_000)
        if sight.press and page.locator(sight.press).count():
            page.click(sight.press)
        page.wait_for_timeout(300)
        # What sticks to the foot of the window shall stand at the foot of the page.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(max(height, 900), 8000)})
        page.screenshot(path=self._folder / f"{sight.name}-{width}-{language[:2]}.png", full_page=True)
        complaints += faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        failed = page.evaluate("[...document.querySelectorAll('[data-failed]')].map(n => n.dataset.failed)")
        page.close()
        return complaints + [f"island: {one}" for one in failed] + ([f"sideways by {wide}"] if wide > 0 else [])

    def _context(self, who: str, language: str) -> BrowserContext:
        if (who, language) not in self._contexts:
            context = self._browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
            context.add_cookies([{"name": "lang", "value": language, "url": self._address}])
            if who:
                page = context.new_page()
                sign_in(page, self._address, who)
                page.close()
            self._contexts[(who, language)] = context
        return self._contexts[(who, language)]


def look(folder: Path, county: Path, only: Iterable[str], languages: Iterable[str], widths: Iterable[int]) -> int:
    """Take the pictures; how many pages the browser complained of."""
    app, engine, key = make_county(county)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    wanted = [one for one in sights(engine, key) if not only or any(word in one.name for word in only)]
    folder.mkdir(parents=True, exist_ok=True)
    complained = 0
    with serving(app) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        photographer = Photographer(browser, address, folder)
        for language in languages:
            for sight in wanted:
                for width in widths:
                    complaints = photographer.take(sight, language, width)
                    complained += bool(complaints)
                    print(sight.name, width, language, *complaints, sep="  ", flush=True)
        browser.close()
    return complained


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--county", type=Path, help="where the demo county lies (default: FOLDER/county)")
    parser.add_argument("--only", action="append", default=[], metavar="WORD")
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--width", action="append", type=int)
    given = parser.parse_args()
    configure_logging(level=logging.ERROR)
    county = given.county or given.folder / "county"
    return 1 if look(given.folder, county, given.only, given.language or LANGUAGES, given.width or WIDTHS) else 0


if __name__ == "__main__":
    raise SystemExit(main())
