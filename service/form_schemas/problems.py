"""What can be wrong with an answer, and the words for it. Chinese first, English second; both name the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple


class Words(NamedTuple):
    """One text in both languages; English falls back to Chinese where the schema has none."""

    zh: str
    en: str

    def in_locale(self, locale: str) -> str:
        return self.en if locale.startswith("en") else self.zh


_NOWHERE: Final = Words("", "")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reader did not take a value. `path` and `within` lead from the field to a table's cell."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    within: Words = _NOWHERE


Refusals = tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One refused answer. `pointer` is an RFC 6901 pointer into the request, `label` the field as people know it."""

    pointer: str
    code: str
    label: Words
    params: Mapping[str, object] = field(default_factory=dict)


_WORDS: Final[dict[str, Words]] = {
    "required": Words("请填写{label}", "{label} is required"),
    "must_be_ticked": Words("请勾选“{label}”", "{label} must be ticked"),
    "choose_one": Words("请选择{label}", "Please choose: {label}"),
    "rows_required": Words("{label}至少填写 {min} 行", "{label} needs at least {min} rows"),
    "wrong_type": Words("{label}的内容形式不对", "{label} has a value of the wrong kind"),
    "not_a_number": Words("{label}应为数字", "{label} must be a number"),
    "characters": Words("{label}含有不能保存的字符", "{label} contains characters that cannot be stored"),
    "min": Words("{label}不得小于 {min}", "{label} must not be less than {min}"),
    "max": Words("{label}不得大于 {max}", "{label} must not be more than {max}"),
    "decimals": Words("{label}至多 {digits} 位小数", "{label} takes at most {digits} decimal places"),
    "integer": Words("{label}应为整数", "{label} must be a whole number"),
    "min_length": Words(
        "{label}至少 {min} 个字，现有 {found} 个字", "{label} needs at least {min} characters, but has {found}"
    ),
    "max_length": Words(
        "{label}至多 {max} 个字，现有 {found} 个字", "{label} takes at most {max} characters, but has {found}"
    ),
    "length": Words(
        "{label}应为 {length} 位，现有 {found} 位", "{label} must have {length} characters, but has {found}"
    ),
    "pattern": Words("{label}格式不正确", "{label} is not in the expected form"),
    "email": Words("{label}应为电子邮箱地址", "{label} must be an e-mail address"),
    "phone": Words("{label}应为国际格式的电话号码", "{label} must be an international phone number"),
    "not_an_option": Words("{label}不在可选范围内", "{label} is not one of the choices"),
    "date": Words("{label}应为真实的日期，如 2026-11-23", "{label} must be a real date such as 2026-11-23"),
    "date_passed": Words("{label}不能早于今天", "{label} must not lie in the past"),
    "not_before": Words("{label}不得早于 {limit}", "{label} must not be before {limit}"),
    "not_after": Words("{label}不得晚于 {limit}", "{label} must not be after {limit}"),
    "time": Words("{label}应为时间，如 09:30", "{label} must be a time such as 09:30"),
    "postcode": Words("{label}应为 6 位邮政编码", "{label} must be a postcode of 6 digits"),
    "money": Words(
        "{label}应为不小于零的金额（以分为单位的整数）", "{label} must be an amount of not less than zero, in whole fen"
    ),
    "id_number": Words("{label}不是有效的居民身份证号码", "{label} is not a valid identity number (GB 11643)"),
    "credit_code": Words(
        "{label}不是有效的统一社会信用代码", "{label} is not a valid unified social credit code (GB 32100)"
    ),
    "credit_code_prefix": Words("{label}应以 {prefix} 开头", "{label} must begin with {prefix}"),
    "mobile": Words("{label}应为 11 位手机号码", "{label} must be a mobile number of 11 digits"),
    "rule": Words("{label}不符合填写规则", "{label} does not satisfy the rule for this field"),
    "rule_note": Words("{label}：{note_zh}", "{label}: {note_en}"),
    "not_applicable": Words(
        "{label}在当前选择下无需填写，请清除", "{label} does not apply here and must be left empty"
    ),
    "unknown_field": Words("表单中没有“{label}”这一项", "The form has no field {label}"),
    "too_large": Words("{label}内容过大（上限：{limit_zh}）", "{label} is too large (limit: {limit_en})"),
}

# Codes that differ in their words alone are one code to programs.
_PUBLIC_CODES: Final = {
    "must_be_ticked": "required",
    "choose_one": "required",
    "rows_required": "required",
    "not_a_number": "wrong_type",
    "integer": "decimals",
    "rule_note": "rule",
}


def problem(pointer: str, label: Words, refusal: Refusal) -> FieldProblem:
    """The refusal of one field as a problem; `params["words"]` remembers which sentence fits best."""
    code = _PUBLIC_CODES.get(refusal.code, refusal.code)
    params = {**refusal.params, "words": refusal.code} if code != refusal.code else refusal.params
    words = Words(label.zh + refusal.within.zh, label.en + refusal.within.en)
    return FieldProblem(pointer + refusal.path, code, words, params)


def message(problem: FieldProblem, locale: str) -> str:
    """The sentence for the person at the form, in zh-CN or en."""
    template = _WORDS[str(problem.params.get("words", problem.code))]
    return template.in_locale(locale).format(label=problem.label.in_locale(locale), **problem.params)


def escaped(token: str) -> str:
    """One reference token of a JSON pointer (RFC 6901, section 3), kept short: the key may be anybody's text."""
    return token[:100].replace("~", "~0").replace("/", "~1")
