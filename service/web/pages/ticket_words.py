"""States of tickets, where their money is, and the grounds for taking it on the spot, in the reader's language."""

from __future__ import annotations

from service.web.pages import words
from service.web.pages.shell import pages

LEAF_STATES = {
    "blank": words.N_("空白"),
    "used": words.N_("已用"),
    "void": words.N_("作废"),
    "lost": words.N_("遗失"),
}
LEAF_CLASSES = {"used": "done", "lost": "red"}
PLACES = {
    "officer": words.N_("在执法人员手中"),
    "offered": words.N_("已交，待财务确认"),
    "organ": words.N_("在本机关，待缴银行"),
    "ordered": words.N_("已开缴款码，待银行确认"),
    "bank": words.N_("已缴银行"),
}

pages.add_app_template_filter(lambda status: words.word(LEAF_STATES, status), "leaf_word")
pages.add_app_template_filter(lambda status: LEAF_CLASSES.get(status, ""), "leaf_class")
pages.add_app_template_filter(lambda place: words.word(PLACES, place), "place_word")
