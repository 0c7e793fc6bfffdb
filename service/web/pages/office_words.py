"""Words of the office's own book-keeping: kinds of changes and acts, permissions, what was before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.people.presence import HALT_RULING
from service.user_tasks.moves import MOVES
from service.user_tasks.rules import GROUP_NAMES
from service.web.pages import words
from service.web.pages.section_words import section_texts
from service.web.pages.words import say

CHANGES = {
    "post_granted": words.N_("授予岗位"),
    "post_withdrawn": words.N_("收回岗位"),
    "person_added": words.N_("增加人员"),
    "person_changed": words.N_("修改人员"),
    "person_deactivated": words.N_("停用账户"),
    "password_reset": words.N_("重置密码"),
    "authenticator_reset": words.N_("更换验证器"),
    "loan_ended": words.N_("终止委托"),
    "department_added": words.N_("增加部门"),
    "department_changed": words.N_("修改部门"),
    "setting_changed": words.N_("修改设置"),
    "threshold_set": words.N_("修改预警阈值"),
    "document_words_released": words.N_("修改文书模板"),
    "fee_standard": words.N_("修改收费标准"),
    "alarm_rule_set": words.N_("修改报警规则"),
    "alarm_rule_off": words.N_("停用报警规则"),
    "alarm_resettled": words.N_("更改报警认定结果"),
    "outage_declared": words.N_("公告停机"),
    "outage_lengthened": words.N_("延长停机"),
    "outage_ended": words.N_("停机恢复或取消"),
    "outage_objected": words.N_("对停机公告提出异议"),
    "paper_receipts_printed": words.N_("印制停机收件凭证"),
    "paper_sheets_printed": words.N_("打印停机收件凭证"),
    "paper_receipts_voided": words.N_("作废停机收件凭证"),
    "ticket_book_registered": words.N_("登记罚款票据"),
    "ticket_book_allotted": words.N_("领用罚款票据"),
    "ticket_book_offered": words.N_("提交交回罚款票据"),
    "ticket_book_returned": words.N_("清点收回罚款票据"),
    "tickets_voided": words.N_("作废罚款票据"),
    "tickets_lost": words.N_("报失罚款票据"),
    "inspection_object_added": words.N_("列入检查对象"),
    "inspection_object_corrected": words.N_("更正检查对象"),
    "inspection_objects_imported": words.N_("导入检查对象"),
    "officer_interest_declared": words.N_("申报回避"),
    "inspection_pool_changed": words.N_("变更双随机名录库"),
}
_FIELDS = {
    "result": words.N_("认定结果"),
    "ground": words.N_("认定理由"),
    "scope": words.N_("适用范围"),
    "value": words.N_("范围内"),
    "enabled": words.N_("启用"),
    "figures": words.N_("参数"),
    "name": words.N_("姓名"),
    "username": words.N_("工号"),
    "department": words.N_("部门"),
    "mobile": words.N_("联系电话"),
    "officer_number": words.N_("执法证号"),
    "post": words.N_("岗位"),
    "posts": words.N_("岗位"),
    "active": words.N_("在用"),
    "name_zh": words.N_("中文名称"),
    "name_en": words.N_("英文名称"),
    "credit_code": words.N_("统一社会信用代码"),
    "second_step": words.N_("须本人操作"),
    "shared_terminal_minutes": words.N_("同一终端间隔（分钟）"),
    "sup1": words.N_("监察员可兼任的部门"),
    "most_back_hours": words.N_("停机最多追溯（小时）"),
    "longest_days": words.N_("停机最长（天）"),
    "most_ahead_days": words.N_("停机最多提前公告（天）"),
    "blue_percent": words.N_("蓝色（%）"),
    "yellow_percent": words.N_("黄色（%）"),
    "departments": words.N_("停机部门（空为全县）"),
    "starts_at": words.N_("停机自"),
    "ends_at": words.N_("停机至"),
    "acts": words.N_("该时段系统内的操作"),
    "place": words.N_("存放窗口"),
    "first": words.N_("首号"),
    "last": words.N_("末号"),
    "count": words.N_("份数"),
    "series": words.N_("票据批次"),
    "officer": words.N_("领用人"),
    "both_parts_kept": words.N_("各联齐全留存"),
    "address": words.N_("地址"),
    "matters": words.N_("抽查事项"),
    "in_pool": words.N_("参加抽取"),
    "interest": words.N_("回避"),
    "added": words.N_("新列入"),
    "changed": words.N_("更正"),
}
PERMISSION_WORDS = {
    "edit_document_words": words.N_("修改文书模板"),
    "start_case": words.N_("收件登记"),
    "read_cases_of_department": words.N_("查看本部门办件"),
    "read_cases_of_county": words.N_("查看全县办件"),
    "know_secret_callers": words.N_("查看要求保密的诉求人"),
    "read_hotline_figures": words.N_("查看本部门热线月报"),
    "read_hotline_figures_of_county": words.N_("查看全县热线月报"),
    "read_lookups": words.N_("查看数据核验记录"),
    "let_read_cases": words.N_("授权阅件"),
    "attach_files": words.N_("上传材料"),
    "enter_messages": words.N_("代录申请人材料"),
    "make_payment_notice": words.N_("开具缴款通知书"),
    "print_documents": words.N_("打印文书"),
    "propose_certificate_changes": words.N_("提出证照变动"),
    "archive_cases": words.N_("下载归档包"),
    "answer_feedback": words.N_("答复评价和投诉"),
    "read_alarms_of_department": words.N_("查看本部门报警"),
    "read_alarms_of_county": words.N_("查看全县报警"),
    "read_notices": words.N_("查看通知记录"),
    "issue_orders": words.N_("签发督办单"),
    "order_handlers": words.N_("督办本部门经办人"),
    "set_thresholds": words.N_("修改预警阈值"),
    "read_definitions": words.N_("查看流程"),
    "draft_definitions": words.N_("绘制流程"),
    "deploy_definitions": words.N_("发布流程"),
    "grant_posts": words.N_("提出授予岗位，收回岗位，停用账户"),
    "approve_posts": words.N_("批准授予岗位"),
    "manage_accounts": words.N_("管理人员账户和部门"),
    "change_settings": words.N_("提出和批准设置"),
    "read_office_changes": words.N_("查看变更记录"),
    "read_people": words.N_("查看人员岗位"),
    "edit_calendar": words.N_("修改工作日历"),
    "decide_recusals": words.N_("决定回避"),
    "read_inspection_pools": words.N_("查看本部门双随机名录库"),
    "read_inspection_pools_of_county": words.N_("查看全县双随机名录库"),
    "keep_inspection_pools": words.N_("维护双随机名录库"),
    "approve_pool_changes": words.N_("批准名录库变更"),
    "hand_over_work": words.N_("工作交接"),
    "delegate": words.N_("委托代办"),
    "enter_leave": words.N_("为他人登记请假"),
    "declare_outages": words.N_("公告停机"),
    "object_to_outages": words.N_("对停机公告提出异议"),
    "print_paper_receipts": words.N_("印制停机收件凭证"),
    "void_paper_receipts": words.N_("清点作废停机收件凭证"),
    "read_outages": words.N_("查看停机公告"),
    "register_ticket_books": words.N_("登记罚款票据本"),
    "allot_ticket_books": words.N_("发放罚款票据本"),
    "use_ticket_books": words.N_("使用罚款票据"),
    "read_ticket_books": words.N_("查看罚款票据"),
    "receive_cash": words.N_("收取当场收缴的罚款并缴付银行"),
    "report_milestones": words.N_("填报项目节点"),
    "start_of_own_motion": words.N_("依职权立案"),
    "settle_alarms_of_department": words.N_("认定本部门报警"),
    "settle_alarms_of_county": words.N_("认定全县报警"),
    "read_dead_letters": words.N_("查看未送达消息"),
    "decide_messages": words.N_("处理未送达消息"),
    "manage_receivers": words.N_("管理消息接收方"),
    "read_unmatched_payments_of_department": words.N_("查看本部门无法入账的缴款"),
    "read_unmatched_payments_of_county": words.N_("查看全县无法入账的缴款"),
    "settle_unmatched_payments": words.N_("处理无法入账的缴款"),
    "propose_fee_changes": words.N_("提出减免和退费"),
    "read_fee_standards": words.N_("查看收费标准"),
    "propose_fee_standards": words.N_("提出收费标准"),
    "approve_fee_standards": words.N_("批准收费标准"),
    "import_treasury_receipts": words.N_("导入国库票据"),
    "read_treasury_receipts": words.N_("查看国库票据"),
    "read_differences_of_county": words.N_("查看全县国库与系统的差异"),
    "read_differences_of_department": words.N_("查看本部门国库与系统的差异"),
    "explain_differences": words.N_("说明国库与系统的差异"),
    "decide_differences": words.N_("认定差异、签发督办单"),
    "read_incidents": words.N_("查看系统故障"),
    "settle_incidents": words.N_("处理系统故障"),
}


def change_word(kind: str) -> str:
    """What kind of change it is; one that has no words of its own is told plainly."""
    return words.word(CHANGES, kind) if kind in CHANGES else kind.replace("_", " ")


def field_word(name: str) -> str:
    """What a field of a change is called."""
    return words.word(_FIELDS, name)


def permission_word(name: str) -> str:
    return words.word(PERMISSION_WORDS, name) if name in PERMISSION_WORDS else name.replace("_", " ")


def kind_word(kind: str) -> str:
    """A kind of act that may ask for the second step: a group of steps, a way to move a case."""
    if kind in GROUP_NAMES:
        return GROUP_NAMES[kind][words.in_english()]
    if kind == HALT_RULING:
        return say("中止处置")
    move = MOVES.get(kind)
    return kind if move is None else move.en if words.in_english() else move.zh


def field_lines(change: Any) -> Iterator[tuple[str, str, str]]:
    """(what, before, after) of a change, in the order of the fields; ids of the machine are left out."""
    before, after = change.before or {}, change.after or {}
    for name, term in _FIELDS.items():
        if name in before or name in after:
            yield say(term), _value(name, before.get(name)), _value(name, after.get(name))
    was, will_be = section_texts(before), section_texts(after)
    for part in dict.fromkeys([*was, *will_be]):
        yield part, was.get(part, "—"), will_be.get(part, say("内置"))


def content_lines(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is proposed, in words."""
    for name, term in _FIELDS.items():
        if name in content:
            yield say(term), _value(name, content[name])
    if "sections" in content:
        yield from section_texts(content).items() if content["sections"] else [(say("文书模板"), say("恢复内置文字"))]


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if name == "post":
        return words.post_word(str(value))
    if name == "matters":
        return "、".join(words.word(words.INSPECTION_MATTERS, str(one)) for one in value) or "—"
    if name == "second_step":
        return "、".join(kind_word(str(one)) for one in value)
    if name == "figures":
        return "；".join(f"{key} {one}" for key, one in value.items()) or "—"
    if isinstance(value, bool):
        return say("是") if value else say("否")
    return ("、".join(map(str, value)) or "—") if isinstance(value, list) else str(value)
