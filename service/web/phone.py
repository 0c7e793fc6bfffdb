"""The way to the person's phone and back: asks by the device that the settings name, takes its signed answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Flask, Response, jsonify, request

from service.clock import real_now
from service.commands.confirm_presence import Asked, answer_presence, ask_presence
from service.commands.performing import perform
from service.errors import Refused
from service.gateways.confirming import Answer, Confirmer, PhoneConfirmer, Question
from service.gateways.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER
from service.gateways.transport import GatewayError
from service.log import log
from service.web.context import WebContext, context
from service.web.guards import SECOND_FACTOR
from service.web.request import client_address, require_actor, signed_in

PATH = "/phone/callbacks"
_MOST_BYTES = 16 * 1024


def register_phone(app: Flask) -> None:
    app.add_url_rule(PATH, "phone_callbacks", receive_answer, methods=["POST"])


def asks_by_phone() -> bool:
    """Whether this installation knows a way to people's phones."""
    return bool(context().services.settings.phone_url)


def ask_phone() -> Asked:
    """Ask the person of this session on the phone. Raises Refused: not_signed_in, no_device, not_ready, rate_limited.

    Every question counts as a try, so that nobody is asked until they give in.
    """
    web, actor, session = context(), require_actor(), signed_in()
    if session is None or not asks_by_phone():
        raise Refused("no_device", "本系统没有接入手机确认", "Expected a way to phones in the settings")
    guard = (SECOND_FACTOR, f"phone/{actor.person_id}")
    web.guards.require(guard)
    web.guards.failed(guard)
    asked = perform(web.engine, lambda connection: ask_presence(connection, session, real_now()))
    question = Question(
        asked.id,
        asked.to,
        f"明镜：{actor.name}（{actor.username}）在 {client_address()} 请求本人操作，请确认。",
        f"Mingjing: {actor.name} ({actor.username}) at {client_address()} asks to act in person.",
        asked.expires_at,
        web.services.settings.public_url + PATH,
    )
    try:
        _confirmer(web, web.services.clock.now).ask(question)
    except GatewayError as failure:
        log.warning("phone_not_asked", reason=failure.code)
        raise Refused(
            "not_ready", "手机确认暂不可用，请用动态口令", "The phone cannot be asked now; use a code"
        ) from None
    return asked


def receive_answer() -> Response:
    """Take the answer; one that is told again changes nothing. Only the gateway's key can answer."""
    request.max_content_length = _MOST_BYTES
    web = context()
    given = _answer(web, request.get_data())
    status = perform(
        web.engine, lambda connection: answer_presence(connection, given.id, given.answer, given.number, real_now())
    )
    return jsonify(status=status)


def _confirmer(web: WebContext, clock: Callable[[], datetime]) -> Confirmer:
    """The device of this installation; another kind of device is another Confirmer."""
    settings = web.services.settings
    return PhoneConfirmer(settings.phone_url, settings.phone_key, now=clock)


def _answer(web: WebContext, body: bytes) -> Answer:
    """Raises Refused: not_signed_in for a wrong signature or age, invalid_request."""
    timestamp, signature = request.headers.get(TIMESTAMP_HEADER, ""), request.headers.get(SIGNATURE_HEADER, "")
    fault = "signature_invalid"
    for clock in _clocks(web) if asks_by_phone() else ():
        try:
            return _confirmer(web, clock).read_answer(body, timestamp, signature)
        except GatewayError as error:
            fault = error.code
    if fault == "signature_invalid":
        raise Refused("not_signed_in", "签名不正确", "Expected the gateway's signature of this moment over this body")
    raise Refused("invalid_request", "回执格式不正确", "Expected an answer in the gateway's format")


def _clocks(web: WebContext) -> Iterator[Callable[[], datetime]]:
    """A stand-in on this machine may run on the testing clock or on the system's."""
    yield web.services.clock.now
    if web.services.settings.testing:
        yield real_now
