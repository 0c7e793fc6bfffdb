"""The county itself, read from `processes/catalogue/items.yaml`: all that must stand before the first case."""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, insert, select

from service.catalogue.item import DEFINITION_KEYS
from service.commands.deploy_definition import DeployDefinition, deploy_definition
from service.commands.post_people import GrantPost, grant_post
from service.commands.services import Services
from service.database.tables import (
    calendar_day,
    department,
    fee_standard,
    inspection_object,
    officer_interest,
    person,
    power_item,
    setting,
)
from service.fees.standard_reading import item_content
from service.people.sign_in import hash_password
from service.working_time import seed_days

ROOT = Path(__file__).resolve().parents[2]
# Folders of processes/ with the kind of their diagrams; those that others call first.
KINDS_OF_FOLDERS = (("shared", "shared"), ("power_items", "item"), ("supervision", "order"), ("office", "office"))
PASSWORD = "mingjing-demo"  # noqa: S105 - the demo county's, printed at every start
FIRST_YEAR, LAST_YEAR = 2020, 2026
# What stood in the catalogue when the county began holds for every case it has.
_FIRST_DAY = date(FIRST_YEAR, 1, 1)

# What stands in a department of cases: username suffix, name parts and posts of each demo person.
_STAFF = (
    ("clerk", "窗口", ("clerk",)),
    ("clerk2", "窗口", ("clerk",)),
    ("officer", "经办", ("officer",)),
    ("officer2", "经办", ("officer",)),
    ("section", "科长", ("section",)),
    ("vice", "副局", ("vice",)),
    ("head", "局长", ("head",)),
    ("printer", "制证", ("printer",)),
    ("cashier", "财务", ("cashier",)),
    ("sup1", "监察", ("sup1",)),
)
_LATER_DEPARTMENTS = ("ZJ",)
# Who serves beside them: {department: (username suffix, post)}.
_MORE_STAFF: Mapping[str, tuple[tuple[str, str], ...]] = {
    "MZ": (
        ("town_clerk", "town_clerk"),
        ("town_officer", "town_officer"),
        ("town_officer2", "town_officer"),
        ("town_head", "town_head"),
    ),
    "CZ": (("cashier", "cashier"),),
}
# Who came later still: the hotline's people, and who takes its work orders in each department.
_HOTLINE = ("hotline_operator", "hotline_dispatcher", "hotline_visitor", "section", "head", "sup1")
# A project unit is an organisation with accounts of its own beside the county's departments.
_PROJECT_UNIT = ("XM1", "临江县城建投资有限公司", "Linjiang Urban Construction Investment", "913299017654321049")
# Random inspections want more officers than two, so that who has an interest can be left out.
_MORE_OFFICERS = ("officer3", "officer4", "officer5")
_WITH_CONTACT = ("YJ", "MZ", "HB", "SG", "WJ", "ZR", "ZJ")
# Departments whose certificates may be revoked, with a legal reviewer each.
_WITH_LEGAL_REVIEW = ("YJ", "MZ", "HB", "SG", "WJ", "ZR", "ZJ")
# Finance approves what others propose to charge: somebody else than its cashier.
_LAST = (("CZ", "section", "section"), ("CZ", "head", "head"))
# Departments that punish: a legal reviewer, and a chair of hearings who neither investigates nor reviews.
_PENALISING = ("CG",)
_NAMES = (
    "王晓燕 周海涛 李建华 陈国强 刘敏 赵卫东 孙丽 黄志远 吴芳 徐明 胡静 朱永康 高峰 林秀英 何伟 郭晓东 马莉 罗文 "
    "梁志刚 宋佳 郑凯 谢婷 韩磊 唐勇 冯雪 于洋 董洁 萧然 程浩 曹颖 袁军 邓敏 许诺 傅强 沈静 曾辉 彭涛 吕芳 苏宁 "
    "卢刚 蒋慧 蔡明 贾玲 丁磊 魏红 薛峰 叶青 阎涛 余欢 潘杰 杜鹃 戴维民 夏雨 钟鸣 汪洋 田园 任重 姜涛 范晓 方圆 "
    "石磊 姚远 谭勇 廖凡 邹杰 熊伟 金鑫 陆遥 郝强 孔令 白雪 崔浩 康健 毛宁 邱实 秦岭 江山 史册 顾城 侯勇 邵兵 孟想 "
    "龙飞 万里 段誉 雷鸣 钱进 汤圆 尹正 黎明 易中 常青 武夷 乔木 贺喜 赖声 龚平 文静 "
    "向阳 伍岳 时雨 车晓 甘露 祝福 柏松 凌云 霍达 明月 舒畅 古月 牛犇 米兰 麦苗 关山 "
    "何欢 安宁 岳峰 成功 年华 池清 农丰 习文 司远 艾青 井然 解冰 温馨 游泳 阳光 花荣 "
    "路遥 凌峰 单丹 葛亮 水清 费明 岳阳 管毅 柯蓝 时光 关平 骆宾 夏冰 连城 纪实 向前"
).split()


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    name: str
    department: str
    posts: tuple[str, ...]

    @property
    def totp_secret(self) -> str:
        """Derived from the name, so that `demo accounts` can list it; only the demo county's people have such."""
        return b32encode(hashlib.sha256(f"mingjing-demo/{self.username}".encode()).digest()[:20]).decode()


@cache
def catalogue() -> Mapping[str, Any]:
    """`items.yaml` as it stands in the repository."""
    text = (ROOT / "processes" / "catalogue" / "items.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Mapping[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader, the C one if it is there
    return found


@cache
def demo_people() -> tuple[DemoPerson, ...]:
    """Ten people in each department that has items, and those who serve the county."""
    names = iter(_NAMES)
    found = [
        DemoPerson(f"{code.lower()}_{suffix}", next(names), code, posts)
        for code in ("YJ", "MZ", "HB", "SG", "WJ", "ZR")
        for suffix, _, posts in _STAFF
    ]
    for username, code, post in (
        ("sup2", "JW", "sup2"),
        ("centre", "KZ", "centre"),
        ("designer", "KZ", "designer"),
        ("sysadmin", "KZ", "sysadmin"),
        ("secadmin", "KZ", "secadmin"),
        ("auditor", "JW", "auditor"),
    ):
        found.append(DemoPerson(username, next(names), code, (post,)))
    for code in _LATER_DEPARTMENTS:
        found += [DemoPerson(f"{code.lower()}_{suffix}", next(names), code, posts) for suffix, _, posts in _STAFF]
    for code, staff in _MORE_STAFF.items():
        found += [DemoPerson(f"{code.lower()}_{suffix}", next(names), code, (post,)) for suffix, post in staff]
    found += [DemoPerson(f"{code.lower()}_legal", next(names), code, ("legal",)) for code in _WITH_LEGAL_REVIEW]
    found += [DemoPerson(f"rx_{post}", next(names), "RX", (post,)) for post in _HOTLINE]
    found += [DemoPerson(f"sg_{one}", next(names), "SG", ("officer",)) for one in _MORE_OFFICERS]
    found += [DemoPerson(f"{code.lower()}_dept_clerk", next(names), code, ("dept_clerk",)) for code in _WITH_CONTACT]
    found += [DemoPerson(f"{code.lower()}_{suffix}", next(names), code, (post,)) for code, suffix, post in _LAST]
    found += [DemoPerson(f"fg_{suffix}", next(names), "FG", posts) for suffix, _, posts in _STAFF]
    found.append(DemoPerson("xm1_project_unit", next(names), "XM1", ("project_unit",)))
    found.append(DemoPerson("county_leader", next(names), "KZ", ("county_leader",)))
    for code in _PENALISING:
        staffed = [(suffix, held) for suffix, _, held in _STAFF]
        staffed += [(one, (one,)) for one in ("legal", "hearing_chair")]
        found += [DemoPerson(f"{code.lower()}_{suffix}", next(names), code, held) for suffix, held in staffed]
    return tuple(found)


def found_county(connection: Connection, services: Services, now: datetime) -> None:
    """Departments, calendar, people with their posts, items, diagrams and forms, in one transaction."""
    _add_departments(connection)
    _add_calendar(connection)
    _add_people(connection, now)
    _add_items(connection, now)
    _add_inspection_pools(connection, now)
    _add_fee_standards(connection, services, now)
    for command in shipped_definitions():
        deploy_definition(connection, services, None, command, now)


def _add_departments(connection: Connection) -> None:
    rows = [
        {"code": d["code"], "name_zh": d["name_zh"], "name_en": d["name_en"], "credit_code": d["credit_code"]}
        for d in catalogue()["meta"]["departments"]
    ]
    code, name_zh, name_en, credit_code = _PROJECT_UNIT
    rows.append({"code": code, "name_zh": name_zh, "name_en": name_en, "credit_code": credit_code})
    connection.execute(insert(department), rows)


def _add_calendar(connection: Connection) -> None:
    days = [{"day": d, "kind": k, "name": n} for d, k, n in seed_days(range(FIRST_YEAR, LAST_YEAR + 1))]
    connection.execute(insert(calendar_day), days)
    connection.execute(
        insert(setting),
        [
            {"name": "calendar_version", "content": 1},
            {"name": "office_hours", "content": catalogue()["meta"]["office_hours"]},
        ],
    )


def _add_people(connection: Connection, now: datetime) -> None:
    hashed = hash_password(PASSWORD)
    for number, one in enumerate(demo_people(), start=1):
        person_id = connection.execute(
            insert(person)
            .values(
                username=one.username,
                name=one.name,
                department=one.department,
                mobile=f"139{number:08d}",
                officer_number=f"F-{number:04d}" if _visits(one) else None,
                password_hash=hashed,
                totp_secret=one.totp_secret,
                active=True,
            )
            .returning(person.c.id)
        ).scalar_one()
        for post in one.posts:
            grant_post(connection, None, GrantPost(person_id, post, one.department, "建县初始岗位"), now)


def _visits(one: DemoPerson) -> bool:
    return bool({"officer", "town_officer"} & set(one.posts))


def _add_items(connection: Connection, now: datetime) -> None:
    items = {item["code"]: item for item in catalogue()["items"]}
    for code, key in DEFINITION_KEYS.items():
        item = items[code]
        connection.execute(
            insert(power_item).values(
                code=code,
                version=1,
                current=True,
                name_zh=item["name_zh"],
                name_en=item["name_en"],
                category=item["category"]["code"],
                department=item["department"]["code"],
                definition_key=key,
                content=json.loads(json.dumps(item, default=str)),
                effective_on=date(now.year, 1, 1),
                status="active",
            )
        )


def _add_fee_standards(connection: Connection, services: Services, now: datetime) -> None:
    """The rule of each row that asks for a fee is the first version of its standard."""
    for code in DEFINITION_KEYS:
        item = services.items.get(connection, code, 1)
        if item.fee is not None and not item.fines:
            content = item_content(item.fee, item.fee.legal_source)
            values = {"power_item": code, "version": 1, "effective_on": _FIRST_DAY, "content": content}
            connection.execute(insert(fee_standard), {**values, "reason": "随权力事项目录录入", "laid_down_at": now})


def _add_inspection_pools(connection: Connection, now: datetime) -> None:
    """Who may be inspected, and an officer whose family works for one of them and who says so."""
    organisations = catalogue()["meta"]["demo_organisations"]
    rows = [
        {
            "department": "SG",
            "credit_code": one["credit_code"],
            "name": one["name"],
            "address": f"临江县港城路 {8 + 6 * number} 号",
            "matters": [
                "licence",
                "price",
                "ad",
                *(("food",) if "餐饮" in one["name"] or "小吃" in one["name"] else ()),
            ],
            "active": True,
        }
        for number, one in enumerate(organisations)
    ]
    connection.execute(insert(inspection_object), rows)
    person_id = connection.execute(select(person.c.id).where(person.c.username == "sg_officer3")).scalar_one()
    declared = {"credit_code": organisations[2]["credit_code"], "reason": "配偶在该企业任职", "declared_at": now}
    connection.execute(insert(officer_interest).values(person_id=person_id, **declared))


def shipped_definitions() -> Iterator[DeployDefinition]:
    """The diagrams of `processes/` with the forms of `forms/`, those that others call first."""
    for folder, kind in KINDS_OF_FOLDERS:
        for path in sorted((ROOT / "processes" / folder).glob("*.bpmn")):
            yield read_definition(path, kind)


def read_definition(path: Path, kind: str | None) -> DeployDefinition:
    """A diagram file with the form schemas of the folder of its name."""
    forms = {
        form.stem: json.loads(form.read_text(encoding="utf-8"))
        for form in sorted((ROOT / "forms" / path.stem).glob("*.json"))
    }
    return DeployDefinition(path.read_bytes(), forms, kind)
