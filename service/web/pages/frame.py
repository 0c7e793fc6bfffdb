"""What surrounds every page: navigation by permission, language, larger text, the testing banner, filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, get_flashed_messages, request, url_for
from markupsafe import Markup

from service.log import log
from service.people.actor import Actor
from service.people.attendance import SUPERVISING_POSTS
from service.people.permissions import FINANCE, may
from service.people.queries import department_names
from service.reads.badges import Badges, read_badges
from service.reads.differences import departments_of_differences
from service.reads.inspection_pools import departments_of_pools, has_pools
from service.reads.outages import departments_of_blocks
from service.reads.tickets import sees_all_books
from service.reads.treasury import may_read_treasury
from service.reads.unmatched import may_read_unmatched
from service.reads.visibility import departments_of_alarms, departments_of_cases, departments_of_feedback
from service.web.context import context
from service.web.manifest import IslandMissing, island_tags
from service.web.pages import timing, words
from service.web.pages.flagging import flagged
from service.web.pages.shell import ask, here, pages, this_page
from service.web.pages.stop_words import stop_ground
from service.web.pages.words import say
from service.web.phone import asks_by_phone
from service.web.request import current_actor, now, signed_in

# Posts that look after the county's rules and people, and complete no step of a case.
_NO_TASKS = frozenset({"designer", "sysadmin", "secadmin", "auditor"})
# More links of administration than these become a menu, and so does any where the bar would hold more in all: in
# English they would not fit beside the tools at 1280 px.
_MOST_SIDE_BY_SIDE = 2
_MOST_IN_BAR = 6
_MOST_BESIDE_MENU = 5
# Steps of the testing clock's banner, as the interface takes them (API.md, Testing clock).
_STEPS = (
    ({"advance": "PT10M"}, words.N_("＋10 分钟")),
    ({"advance": "PT31M"}, words.N_("＋31 分钟")),
    ({"advance": "PT4H"}, words.N_("＋4 小时")),
    ({"advance_working_days": 1}, words.N_("＋1 个工作日")),
    ({"advance_working_days": 5}, words.N_("＋5 个工作日")),
    ({"advance_working_days": 20}, words.N_("＋20 个工作日")),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the navigation; `count` 0 shows none."""

    href: str
    word: str
    current: bool = False
    count: int = 0
    red: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """Links under one word, where they would not all stand in the bar; its count is theirs together."""

    word: str
    links: tuple[Link, ...]

    @property
    def current(self) -> bool:
        return any(link.current for link in self.links)

    @property
    def count(self) -> int:
        return sum(link.count for link in self.links)


def has_tasks(actor: Actor) -> bool:
    """Whether the person holds or was lent a post that completes steps."""
    return any(h.post not in _NO_TASKS for h in actor.holdings)


def _is(*prefixes: str) -> bool:
    return any(request.path == prefix or request.path.startswith(prefix + "/") for prefix in prefixes)


def _navigation(actor: Actor, badges: Badges) -> Iterator[Link]:
    if has_tasks(actor):
        yield Link(url_for("pages.work_list"), say("我的工作"), _is("/work"), badges.tasks)
    if departments_of_cases(actor) != frozenset():
        yield Link(url_for("pages.cases"), say("办件"), _is("/cases"))
        yield Link(url_for("pages.certificates"), say("证照登记"), _is("/certificates"))
    if departments_of_alarms(actor) != frozenset():
        yield Link(url_for("pages.alarms"), say("报警"), _is("/alarms"), badges.red_alarms, red=True)
        yield Link(url_for("pages.orders"), say("督办"), _is("/orders"), badges.orders)
    if departments_of_feedback(actor) != frozenset():
        yield Link(url_for("pages.feedback"), say("评价投诉"), _is("/feedback"))
    if may(actor, "read_definitions"):
        yield Link(url_for("pages.processes"), say("流程"), _is("/processes"))


def _administration(actor: Actor, badges: Badges) -> Iterator[Link]:
    if may(actor, "read_people"):
        yield Link(url_for("pages.people"), say("人员岗位"), _is("/people"))
        yield Link(url_for("pages.stand_ins"), say("全县委托"), _is("/stand-ins"))
    if may(actor, "hand_over_work") and may(actor, "grant_posts"):
        yield Link(url_for("pages.hand_overs"), say("工作交接"), _is("/hand-over"))
    if may(actor, "edit_document_words"):
        yield Link(url_for("pages.document_words"), say("文书模板"), _is("/document-words"))
    if actor.posts & SUPERVISING_POSTS:
        yield Link(url_for("pages.attendance"), say("监察日志"), _is("/attendance"))
    if may(actor, "set_thresholds"):
        yield Link(url_for("pages.alarm_rules"), say("预警规则"), _is("/rules"))
        yield Link(url_for("pages.thresholds"), say("预警阈值"), _is("/thresholds"))
    if may(actor, "edit_calendar"):
        yield Link(url_for("pages.calendar_page"), say("工作日历"), _is("/calendar"))
    if may(actor, "read_office_changes"):
        yield Link(url_for("pages.departments"), say("部门设置"), _is("/departments"))
        yield Link(url_for("pages.settings"), say("系统设置"), _is("/settings"))
        yield Link(url_for("pages.permissions"), say("权限"), _is("/permissions"))
        yield Link(url_for("pages.office_changes"), say("变更记录"), _is("/office-changes"))
    if may(actor, "propose_fee_standards") or may(actor, "approve_fee_standards", FINANCE) or "auditor" in actor.posts:
        yield Link(url_for("pages.fee_standards"), say("收费标准"), _is("/fee-standards"))
    if sees_all_books(actor):
        yield Link(url_for("pages.ticket_books"), say("罚款票据"), _is("/ticket-books"))
    if may_read_unmatched(actor):
        yield Link(url_for("pages.unmatched_payments"), say("无法入账的缴款"), _is("/unmatched-payments"))
    if departments_of_differences(actor) != frozenset():
        yield Link(url_for("pages.reconciliation"), say("比对核验"), _is("/reconciliation"))
    if may_read_treasury(actor):
        yield Link(url_for("pages.treasury"), say("国库对账"), _is("/treasury"))
    if departments_of_blocks(actor) is None:
        yield Link(url_for("pages.outages"), say("停机补录"), _is("/outages", "/paper-receipts"))
    if may(actor, "read_hotline_figures_of_county"):
        yield Link(url_for("pages.hotline_figures"), say("热线月报"), _is("/hotline"))
    if may(actor, "read_lookups"):
        yield Link(url_for("pages.lookups"), say("数据核验记录"), _is("/lookups"))
    if departments_of_pools(actor) is None:
        yield Link(url_for("pages.inspection_objects"), say("双随机名录库"), _is("/inspection-pools"))
    if may(actor, "read_dead_letters"):
        yield Link(url_for("pages.dead_letters"), say("失败消息"), _is("/dead-letters"))
    if may(actor, "read_incidents"):
        yield Link(url_for("pages.incidents"), say("系统故障"), _is("/incidents"), badges.incidents, red=True)


def _bar(actor: Actor, badges: Badges) -> list[Link | Menu]:
    """What stands in the bar; what would not fit there goes into a menu, with all of administration."""
    links, rare = list(_navigation(actor, badges)), tuple(_administration(actor, badges))
    too_many = len(rare) > _MOST_SIDE_BY_SIDE or (bool(rare) and len(links) + len(rare) > _MOST_IN_BAR)
    if not too_many:
        return [*links, *rare]
    return [*links[:_MOST_BESIDE_MENU], Menu(say("管理"), (*links[_MOST_BESIDE_MENU:], *rare))]


def first_page() -> str:
    """Where the person signed in begins: the first link of their navigation."""
    actor = current_actor()
    if actor is None:
        return url_for("pages.sign_in")
    none = Badges(0, 0, 0, 0)
    links = [*_navigation(actor, none), *_administration(actor, none)]
    return links[0].href if links else url_for("pages.my_notices")


def _account(actor: Actor, *, pools: bool) -> Iterator[Link]:
    yield Link(url_for("pages.my_notices"), say("我的通知"))
    yield Link(url_for("pages.my_password"), say("修改密码"))
    if has_tasks(actor):
        yield Link(url_for("pages.attendance"), say("监察日志"))
    yield Link(url_for("pages.second_step"), say("本人操作确认"))
    if has_tasks(actor) or may(actor, "enter_leave"):
        yield Link(url_for("pages.leaves"), say("请假"))
    if may(actor, "delegate"):
        yield Link(url_for("pages.delegations"), say("委托代办"))
    if may(actor, "hand_over_work") and not may(actor, "grant_posts"):
        yield Link(url_for("pages.hand_overs"), say("工作交接"))
    if may(actor, "read_outages") and departments_of_blocks(actor) is not None:
        yield Link(url_for("pages.outages"), say("停机补录"))
    if may(actor, "read_ticket_books") and has_tasks(actor) and not sees_all_books(actor):
        yield Link(url_for("pages.cash"), say("当场收缴的罚款"))
    if not may(actor, "edit_calendar"):
        yield Link(url_for("pages.calendar_page"), say("工作日历"))
    if may(actor, "read_hotline_figures") and not may(actor, "read_hotline_figures_of_county"):
        yield Link(url_for("pages.hotline_figures"), say("热线月报"))
    if pools and departments_of_pools(actor) is not None:
        yield Link(url_for("pages.inspection_objects"), say("双随机名录库"))


def _posts_in_words(actor: Actor, departments: dict[str, tuple[str, str]]) -> Iterator[str]:
    for holding in actor.holdings:
        place = departments.get(holding.department, (holding.department,) * 2)[words.in_english()]
        line = f"{place} · {words.post_word(holding.post)}"
        yield (
            line
            if holding.principal_id is None
            else say("%(post)s（代 %(name)s）", post=line, name=holding.principal_name)
        )


def _public_navigation() -> Iterator[Link]:
    yield Link(url_for("pages.public_items"), say("办事指南"), _is("/public/items"))
    yield Link(url_for("pages.public_home"), say("办件查询"), request.path == "/public" or _is("/public/cases"))
    yield Link(url_for("pages.public_inspections"), say("双随机抽查"), _is("/public/inspections"))
    yield Link(url_for("pages.public_verify"), say("证照核验"), _is("/public/verify"))
    yield Link(url_for("pages.public_penalties"), say("处罚公示"), _is("/public/penalties"))
    yield Link(url_for("pages.public_attendance"), say("上线率公示"), _is("/public/attendance"))


def island(name: str) -> Markup:
    """The tags of an island; none where it is not built, since every page works without."""
    try:
        return island_tags(name)
    except IslandMissing as missing:
        log.warning("island_missing", reason=str(missing))
        return Markup("")


def csrf_token() -> str:
    """The session's token, or before a sign-in the one of this browser's door cookie."""
    session = signed_in()
    return session.csrf_token if session is not None else str(g.get("door_token", ""))


@pages.app_context_processor
def surroundings() -> dict[str, Any]:
    """What the frame of any page asks for."""
    return {
        "lang": words.locale_code(),
        "en": words.in_english(),
        "elder": request.cookies.get("elder") == "1",
        "now": now(),
        "county": say("临江县"),
        "testing": context().stepping is not None,
        "by_phone": asks_by_phone(),
        "clock_steps": [(step, say(word)) for step, word in _STEPS],
        "flashed": get_flashed_messages(with_categories=True),
        "public_nav": list(_public_navigation()),
        **_of_actor(),
    }


def _of_actor() -> dict[str, Any]:
    actor = current_actor()
    if actor is None:
        return {"actor": None, "nav": [], "unread": 0, "my_posts": [], "account_links": []}
    badges, departments, pools = ask(lambda c: (read_badges(c, actor), department_names(c), has_pools(c, actor)))
    return {
        "actor": actor,
        "nav": _bar(actor, badges),
        "unread": badges.unread,
        "my_posts": list(_posts_in_words(actor, departments)),
        "account_links": list(_account(actor, pools=pools)),
    }


def _zone() -> Any:
    return context().services.settings.zone


def upload_limit() -> int:
    """The most octets of one file."""
    return context().services.settings.upload_limit_bytes


# Globals, since macros of another template see nothing else.
for _function in (csrf_token, here, island, this_page, upload_limit, words.named, words.post_word):
    pages.add_app_template_global(_function)
pages.add_app_template_filter(lambda at: timing.instant(at, _zone()), "instant")
pages.add_app_template_filter(lambda at: timing.day(at, _zone()), "day")
pages.add_app_template_filter(lambda at: timing.near(at, _zone(), now()), "near")
pages.add_app_template_filter(lambda at: flagged(timing.due(at, _zone()), at), "due")
pages.add_app_template_filter(lambda at: flagged(timing.due_near(at, _zone(), now()), at), "due_near")
pages.add_app_template_filter(lambda at: flagged(timing.day(at, _zone()), at), "due_day")
pages.add_app_template_filter(lambda at: timing.due(at, _zone()), "until")
pages.add_app_template_filter(lambda at: timing.iso(at, _zone()), "iso")
pages.add_app_template_filter(words.either, "either")
pages.add_app_template_filter(timing.yuan, "yuan")
pages.add_app_template_filter(timing.size, "size")
pages.add_app_template_filter(words.case_word, "case_word")
pages.add_app_template_filter(lambda status: words.CASE_CLASSES.get(status, ""), "case_class")
pages.add_app_template_filter(lambda colour: words.word(words.COLOUR_WORDS, colour), "alarm_word")
pages.add_app_template_filter(lambda code, table: words.word(getattr(words, table), code), "word_of")
pages.add_app_template_filter(words.quantity, "quantity")
pages.add_app_template_filter(words.law_words, "law_words")
pages.add_app_template_filter(stop_ground, "stop_ground")
pages.add_app_template_filter(words.alarm_kind, "alarm_kind")
pages.add_app_template_filter(lambda state: words.ORDER_CLASSES.get(state, ""), "order_class")
