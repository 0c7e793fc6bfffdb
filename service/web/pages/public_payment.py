"""What the QR code of a payment notice opens, and receipts for whoever has proved to know the case's secret."""

from __future__ import annotations

from flask import render_template
from werkzeug.wrappers import Response

from service.commands.performing import perform
from service.commands.receipts import print_receipt_for_payer
from service.enquiry.payment_view import read_public_payment
from service.errors import not_found
from service.web.context import context
from service.web.guards import PAY_CODE
from service.web.pages.public import proved_case
from service.web.pages.shell import ask, pages
from service.web.request import client_address, now


@pages.get("/public/pay/<code:code>")
def public_pay(code: str) -> str:
    """What is to be paid and where; wrong codes are all answered alike, and only so many of them."""
    guards, key = context().guards, (PAY_CODE, f"pay/{client_address()}")
    guards.require(key)
    found = ask(lambda connection: read_public_payment(connection, code, now()))
    if found is None:
        guards.failed(key)
        raise not_found("该缴款码", "a payment notice of this code")
    return render_template("public_pay.html", one=found)


@pages.post("/public/cases/<code:number>/receipts/<number:document_id>")
def public_receipt(number: str, document_id: int) -> Response:
    """A copy of a receipt as signed PDF."""
    proved_case(number)
    web = context()
    content = perform(
        web.engine, lambda connection: print_receipt_for_payer(connection, web.services, number, document_id, now())
    )
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{number}-receipt-{document_id}.pdf"'
    return response
