"""Refusals as `application/problem+json` (RFC 9457); the words follow the reader, the codes never do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Flask, Response, make_response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from service.commands.deploy_definition import DiagramRefused
from service.engine import EngineFailure
from service.errors import STATUS, Detail, Refused
from service.log import log
from service.modelling.problem import Problem
from service.web.context import context
from service.web.request import locale, request_id

TYPE: Final = "urn:mingjing:problem:"
TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "bad_request": ("请求格式不正确", "Malformed request"),
    "not_signed_in": ("未登录", "Not signed in"),
    "not_permitted": ("没有权限", "Not permitted"),
    "second_factor_required": ("需要二次验证", "Second step required"),
    "csrf_failed": ("页面已过期", "Page expired"),
    "not_found": ("没有找到", "Not found"),
    "method_not_allowed": ("不支持的操作", "Method not allowed"),
    "task_taken": ("环节已被他人领取或办结", "Task taken"),
    "terminal_shared": ("终端共用，办件中止", "One terminal, two accounts: case halted"),
    "no_device": ("没有可用的手机确认", "No device to confirm by"),
    "case_halted": ("办件已中止", "Case halted"),
    "case_suspended": ("办件已依法中止", "Case suspended"),
    "move_refused": ("现在不能这样办理", "Not possible now"),
    "work_open": ("手上还有工作", "Work is still in hand"),
    "case_closed": ("办件已办结", "Case closed"),
    "case_open": ("办件尚未办结", "Case goes on"),
    "certificate_ended": ("证照已失效", "The certificate has ended"),
    "fee_unpaid": ("费用未缴清", "Fee unpaid"),
    "separation_of_duty": ("岗位分离", "Separation of duty"),
    "idempotency_conflict": ("重复提交的内容不同", "Idempotency conflict"),
    "offset_conflict": ("续传位置不对", "The piece begins at another place"),
    "not_waiting": ("当前没有环节等待", "Nothing waits for this"),
    "incident_settled": ("故障已处理", "Incident settled"),
    "step_running": ("环节正在运行", "Step running"),
    "calendar_busy": ("日历正被占用", "The calendar is in use"),
    "leave_ended": ("请假已结束", "The leave has ended"),
    "on_leave": ("正在请假", "On leave"),
    "outage_over": ("停机已结束", "The outage is over"),
    "receipt_refused": ("收件凭证不能补录", "The receipt cannot be entered"),
    "ticket_refused": ("票据不能使用", "The ticket cannot be used"),
    "spot_refused": ("不得当场收缴", "The fine may not be taken on the spot"),
    "cannot_take_back": ("不能撤回", "Cannot be taken back"),
    "already_urged": ("今天已催办", "Urged already today"),
    "version_conflict": ("办件已有变化", "Version conflict"),
    "payload_too_large": ("内容过大", "Payload too large"),
    "unsupported_media": ("不支持的文件类型", "Unsupported media"),
    "control_node_missing": ("控制节点未满足", "Control node missing"),
    "invalid_answers": ("表单填写有误", "Invalid answers"),
    "invalid_diagram": ("流程图有错误", "Invalid diagram"),
    "invalid_request": ("请求内容有误", "Invalid request"),
    "rate_limited": ("尝试过于频繁", "Too many attempts"),
    "incident": ("系统故障", "Incident"),
    "not_ready": ("服务暂不可用", "Service not ready"),
}
_MACHINE_PATHS: Final = ("/api/", "/bank/", "/phone/", "/healthz", "/readyz", "/metrics")
_BY_STATUS: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("bad_request", "请求格式不正确", "Expected a well-formed request"),
    401: ("not_signed_in", "请先登录", "Expected somebody signed in"),
    403: ("not_permitted", "没有权限", "Expected a person who may"),
    404: ("not_found", "没有找到该地址", "Expected to find this address, but there is none"),
    405: ("method_not_allowed", "该地址不支持此操作", "Expected another method for this address"),
    413: ("payload_too_large", "内容超过大小限制", "Expected less content"),
    415: ("unsupported_media", "不支持的内容类型", "Expected another content type"),
    429: ("rate_limited", "尝试过于频繁", "Expected fewer requests"),
    503: ("not_ready", "服务暂不可用", "Expected the service to be ready"),
}


def problem_response(refusal: Refused) -> Response:
    """The refusal as JSON, with the language of the reader."""
    content = json.dumps(problem(refusal, locale(), request_id()), ensure_ascii=False, default=str)
    response = Response(content, refusal.status, content_type="application/problem+json")
    response.headers["Content-Language"] = locale()
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts["retry_after"])
    return response


def problem(refusal: Refused, language: str, number: str) -> dict[str, Any]:
    """The members of a problem; facts of the refusal stand beside them, except what supervision alone is told."""
    title_zh, title_en = TITLES[refusal.code]
    english = language == "en"
    told: dict[str, Any] = {
        "type": TYPE + refusal.code,
        "title": title_en if english else title_zh,
        "status": refusal.status,
        "detail": refusal.message_en if english else refusal.message,
        "code": refusal.code,
        "request_id": number,
        "errors": [_error(detail, english=english) for detail in refusal.details],
        **{name: _plain(value) for name, value in refusal.facts.items() if name != "happened"},
    }
    if isinstance(refusal, DiagramRefused):
        told["problems"] = [_of_diagram(found, language) for found in refusal.problems]
    return told


def _of_diagram(found: Problem, language: str) -> dict[str, Any]:
    """One finding of the linter, as linting alone shows it."""
    return {
        "code": found.code,
        "severity": found.severity,
        "element_id": found.element_id,
        "line": found.line,
        "message": found.message(language),
        "path": list(found.path),
    }


def _error(detail: Detail, *, english: bool) -> dict[str, Any]:
    words = (detail.message_en or detail.message) if english else detail.message
    return {"pointer": detail.pointer, "material": detail.material, "code": detail.code, "message": words}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def is_machine() -> bool:
    """Whether the caller is a program: it is answered in JSON."""
    return request.path.startswith(_MACHINE_PATHS)


def answer_refusal(refusal: Refused) -> Response:
    show = context().page_of_problem
    return problem_response(refusal) if is_machine() or show is None else show(refusal)


def answer_http_error(error: HTTPException) -> Response:
    """Werkzeug's own errors: unknown address, wrong method, too much content."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return make_response(error.get_response())
    code, message, message_en = _BY_STATUS.get(
        status, ("incident", "系统故障", "Expected no failure, but there was one")
    )
    answer = answer_refusal(Refused(code if code in STATUS else "incident", message, message_en))
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def answer_failure(error: Exception) -> Response:
    """What nobody foresaw: logged with its trace, told without it."""
    log.exception("failed", method=request.method, path=request.path, exc_info=error)
    return answer_refusal(
        Refused(
            "incident",
            f"系统故障，已记录，编号 {request_id()}",
            f"Expected no failure, but there was one; it is recorded as {request_id()}",
        )
    )


def answer_busy(error: OperationalError) -> Response:
    log.error("database", reason=str(error.orig))
    refusal = Refused(
        "not_ready", "数据库忙，请稍后重试", "Expected the database to answer; try again", facts={"retry_after": 2}
    )
    return answer_refusal(refusal)


def register_problems(app: Flask) -> None:
    """Handlers for the whole application; a blueprint of pages may have its own before them."""
    app.register_error_handler(Refused, answer_refusal)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(EngineFailure, answer_failure)
    app.register_error_handler(OperationalError, answer_busy)
    app.register_error_handler(Exception, answer_failure)
