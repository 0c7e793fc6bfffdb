"""数据核验记录: every question to an official register, for auditors and supervision."""

from __future__ import annotations

from flask import render_template

from service.reads.lookups import CASES, OUTCOMES, REGISTERS, LookupFilter, list_lookups
from service.web.pages import words
from service.web.pages.shell import argument, ask, asked, pages, require

REGISTER_WORDS = {"organisation": words.N_("法人和组织"), "resident": words.N_("居民身份")}
OUTCOME_WORDS = {
    "asked": words.N_("未得到答复"),
    "found": words.N_("已核到"),
    "not_found": words.N_("查无此人或单位"),
    "unavailable": words.N_("登记系统不可用"),
}
CASE_WORDS = {"with": words.N_("已有办件"), "without": words.N_("没有办件")}

pages.add_app_template_filter(lambda name: words.word(REGISTER_WORDS, name), "register_word")
pages.add_app_template_filter(lambda name: words.word(OUTCOME_WORDS, name), "lookup_word")


@pages.get("/lookups")
def lookups() -> str:
    """The newest first; those that no case has followed can be asked for apart."""
    require("read_lookups")
    q = argument("q")
    wanted = LookupFilter(
        q[:100] if q else None,
        argument("register", REGISTERS),
        argument("outcome", OUTCOMES),
        argument("cases", CASES),
    )
    return render_template(
        "lookups.html",
        page=ask(lambda connection: list_lookups(connection, wanted, asked())),
        registers=[(name, words.word(REGISTER_WORDS, name)) for name in REGISTERS],
        outcomes=[(name, words.word(OUTCOME_WORDS, name)) for name in OUTCOMES],
        cases=[(name, words.word(CASE_WORDS, name)) for name in CASES],
        filtered=wanted != LookupFilter(),
    )
