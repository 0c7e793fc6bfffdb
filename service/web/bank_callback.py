"""The door of the bank: `POST /bank/callbacks`, signed, at least once; nobody else can make a notice paid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Flask, Response, jsonify, request

from service.clock import real_now
from service.commands.apply_fee_change import TakeRefund, keep_unapproved, take_refund
from service.commands.performing import perform
from service.commands.reverse_payment import ReversePayment, keep_refused_reversal, reverse_payment
from service.commands.take_payment import TakePayment, keep_refused, take_payment
from service.errors import Refused
from service.gateways.bank_client import BankClient, BankRefunded, BankReversed, BankSays
from service.gateways.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER
from service.gateways.transport import GatewayError
from service.web.context import WebContext, context

PATH = "/bank/callbacks"
_MOST_BYTES = 64 * 1024


def register_bank(app: Flask) -> None:
    app.add_url_rule(PATH, "bank_callbacks", receive_callback, methods=["POST"])


def receive_callback() -> Response:
    """Book the payment; a doubled callback is answered like the first and changes nothing."""
    request.max_content_length = _MOST_BYTES
    web = context()
    receipt = _receipt(web, request.get_data())
    if isinstance(receipt, BankRefunded):
        return _take_refund(web, receipt)
    if isinstance(receipt, BankReversed):
        return _reverse(web, receipt)
    command = TakePayment(receipt.pay_code, receipt.amount_fen, receipt.receipt_no, receipt.paid_at)
    now = web.services.clock.now()
    try:
        booked = perform(web.engine, lambda connection: take_payment(connection, web.services, command, now))
    except Refused as refusal:
        kept = refusal
        perform(web.engine, lambda connection: keep_refused(connection, command, kept, now))
        raise
    if web.stepping is not None:
        web.stepping.look()
    return jsonify(booked=booked)


def _take_refund(web: WebContext, refund: BankRefunded) -> Response:
    """Post a refund; one that nobody has approved (D10) is refused, and kept where cashiers and supervisors see it."""
    command = TakeRefund(refund.refund_no, refund.pay_code, refund.amount_fen, refund.receipt_no, refund.paid_at)
    now = web.services.clock.now()
    try:
        booked = perform(web.engine, lambda connection: take_refund(connection, web.services, command, now))
    except Refused:
        perform(web.engine, lambda connection: keep_unapproved(connection, command, now))
        raise
    return jsonify(booked=booked)


def _reverse(web: WebContext, said: BankReversed) -> Response:
    """Post a reversal, or keep it until its payment comes; one that fits no payment is refused and kept."""
    about = said.receipt_no, said.of_receipt, said.pay_code, said.amount_fen, said.reason
    command, now = ReversePayment(*about, said.paid_at), web.services.clock.now()
    try:
        booked = perform(web.engine, lambda connection: reverse_payment(connection, web.services, command, now))
    except Refused:
        perform(web.engine, lambda connection: keep_refused_reversal(connection, command, now))
        raise
    if web.stepping is not None:
        web.stepping.look()
    return jsonify(booked=booked)


def _receipt(web: WebContext, body: bytes) -> BankSays:
    """What the bank says. Raises Refused: not_signed_in for a wrong signature or age, invalid_request."""
    settings = web.services.settings
    timestamp, signature = request.headers.get(TIMESTAMP_HEADER, ""), request.headers.get(SIGNATURE_HEADER, "")
    fault = "malformed"
    for clock in _clocks(web):
        try:
            return BankClient(settings.bank_url, settings.bank_key, now=clock).read_callback(body, timestamp, signature)
        except GatewayError as error:
            fault = error.code
            if fault != "signature_invalid":  # Signed well by this clock, whatever another says.
                break
    if fault == "signature_invalid":
        raise Refused("not_signed_in", "签名不正确", "Expected the bank's signature of this moment over this body")
    raise Refused("invalid_request", "通知格式不正确", "Expected a payment in the bank's format")


def _clocks(web: WebContext) -> Iterator[Callable[[], datetime]]:
    """A bank on this machine may run on the testing clock or on the system's."""
    yield web.services.clock.now
    if web.services.settings.testing:
        yield real_now
