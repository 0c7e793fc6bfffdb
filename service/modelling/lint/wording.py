"""What the kinds of elements are called in problems, in both languages, and small phrases that several rules share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from service.modelling.diagram import Element, Oddity
from service.modelling.problem import Words, shown

KINDS: Final[Mapping[str, Words]] = {
    "process": Words("流程", "process"),
    "sequenceFlow": Words("顺序流", "sequence flow"),
    "task": Words("未分类任务", "plain task"),
    "userTask": Words("用户任务", "user task"),
    "serviceTask": Words("服务任务", "service task"),
    "receiveTask": Words("接收任务", "receive task"),
    "sendTask": Words("发送任务", "send task"),
    "scriptTask": Words("脚本任务", "script task"),
    "manualTask": Words("手工任务", "manual task"),
    "businessRuleTask": Words("业务规则任务", "business rule task"),
    "callActivity": Words("调用活动", "call activity"),
    "subProcess": Words("子流程", "sub-process"),
    "transaction": Words("事务子流程", "transaction"),
    "adHocSubProcess": Words("即席子流程", "ad-hoc sub-process"),
    "startEvent": Words("开始事件", "start event"),
    "endEvent": Words("结束事件", "end event"),
    "intermediateCatchEvent": Words("中间捕获事件", "intermediate catch event"),
    "intermediateThrowEvent": Words("中间抛出事件", "intermediate throw event"),
    "boundaryEvent": Words("边界事件", "boundary event"),
    "exclusiveGateway": Words("排他网关", "exclusive gateway"),
    "inclusiveGateway": Words("包容网关", "inclusive gateway"),
    "parallelGateway": Words("并行网关", "parallel gateway"),
    "eventBasedGateway": Words("事件网关", "event-based gateway"),
    "complexGateway": Words("复杂网关", "complex gateway"),
    "message": Words("消息", "message"),
    "error": Words("错误", "error"),
    "signal": Words("信号", "signal"),
    "escalation": Words("升级", "escalation"),
    "dataStore": Words("数据存储", "data store"),
    "dataStoreReference": Words("数据存储", "data store"),
}
MOST_COMPARED: Final = 300
"""Known names among which the nearest is looked for; a county's own lists are shorter."""

NOTHING: Final = Words("没有", "nothing")


def kind_words(kind: str) -> Words:
    return KINDS.get(kind, Words(kind, kind))


def describe(element: Element) -> Words:
    """`用户任务“现场踏勘”（site_survey）` and `user task "现场踏勘" (site_survey)`."""
    kind, found = kind_words(element.kind), shown(element.id)
    name = shown(element.name or "")
    if not name:
        return Words(f"{kind.zh} {found}", f"{kind.en} {found}")
    return Words(f"{kind.zh}“{name}”（{found}）", f'{kind.en} "{name}" ({found})')


def describe_oddity(oddity: Oddity) -> Words:
    if oddity.element_id:
        return Words(f"元素 {shown(oddity.element_id)}", f"element {shown(oddity.element_id)}")
    return Words(f"第 {oddity.line} 行", f"line {oddity.line}")


def names(found: Iterable[str], at_most: int = 12) -> Words:
    """A list for a sentence: `a、b、c` and `a, b, c`; long ones end in an ellipsis."""
    sorted_names = sorted(shown(name) for name in found)
    if not sorted_names:
        return NOTHING
    kept = sorted_names[:at_most] + (["…"] if len(sorted_names) > at_most else [])
    return Words("、".join(kept), ", ".join(kept))


def value_or_nothing(value: str | None) -> Words:
    return NOTHING if not value else Words(f"“{shown(value)}”", f'"{shown(value)}"')


def nearest(name: str, known: Iterable[str]) -> Words:
    """A hint at the known name that a misspelt one most resembles; empty if none does."""
    close = get_close_matches(shown(name), sorted(known)[:MOST_COMPARED], n=1, cutoff=0.6)
    return Words(f"是否应为 {close[0]}？", f" Did you mean {close[0]}?") if close else Words("", "")
