"""The posts of the county and their names (items.yaml, meta.posts)."""

from __future__ import annotations

POST_NAMES = {
    "applicant": ("申请人", "Applicant"),
    "party": ("当事人", "Party"),
    "system": ("系统", "System"),
    "clerk": ("窗口受理人员", "Window clerk"),
    "officer": ("经办/执法人员", "Officer"),
    "section": ("审核/科室负责人", "Head of section"),
    "legal": ("法制审核人员", "Legal reviewer"),
    "hearing_chair": ("听证主持人", "Chair of hearing"),
    "vice": ("分管负责人", "Vice head in charge"),
    "head": ("主要负责人", "Head"),
    "printer": ("制证人员", "Printer of certificates"),
    "cashier": ("收费/财务人员", "Cashier"),
    "sup1": ("一级监察员", "Level-1 supervisor"),
    "sup2": ("二级监察员", "Level-2 supervisor"),
    "centre": ("控制中心人员", "Control centre"),
    "designer": ("流程设计员", "Process designer"),
    "sysadmin": ("系统管理员", "System administrator"),
    "secadmin": ("安全管理员", "Security administrator"),
    "town_clerk": ("乡镇窗口人员", "Township clerk"),
    "town_officer": ("乡镇调查人员", "Township officer"),
    "town_head": ("乡镇负责人", "Head of township"),
    "hotline_operator": ("热线话务员", "Hotline operator"),
    "hotline_dispatcher": ("热线派单员", "Hotline dispatcher"),
    "hotline_visitor": ("热线回访员", "Hotline follow-up caller"),
    "dept_clerk": ("承办单位联络员", "Department's hotline contact"),
    "project_unit": ("项目单位", "Project unit"),
    "county_leader": ("县领导责任人", "County leader in charge"),
    "auditor": ("审计管理员", "Audit administrator"),
}

# Posts that take in what comes from outside, in the county's offices and its townships.
WINDOWS = ("clerk", "town_clerk")

# Their steps are done from outside the office or by the service; nobody is given them.
OUTSIDE_POSTS = frozenset({"applicant", "party", "system"})


def starting_posts(first: str) -> tuple[str, ...]:
    """Who begins a case whose first step has this post: what an applicant hands in is entered at a window, what the
    office does of its own motion by its own post."""
    return WINDOWS if first in OUTSIDE_POSTS else (first,)


def post_name(post: str, locale: str = "zh-CN") -> str:
    """The post's name in the language of the reader."""
    zh, en = POST_NAMES.get(post, (post, post))
    return en if locale.startswith("en") else zh
