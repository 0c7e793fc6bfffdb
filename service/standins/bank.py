"""The stand-in bank: takes the county's payment notices, lets a payer pay them, tells the county, lists the day.

With `testing`, `?deliver=twice|late|forged|never` on the paying request chooses how the county is told, and
`POST /pay/<pay_code>/reversal` takes the payment back, told with the same choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.standins.application import StandIn, is_web_address, refuse, sent_object
from service.standins.bank_words import MISSING_WORDS, PAGE_WORDS
from service.standins.courier import RETRY_SECONDS, Parcel
from service.standins.settlement import settlement_csv
from service.standins.shelf import Record, Shelf

BANK_NAME = "临江农村商业银行（演示）"
DELIVERIES = ("once", "twice", "late", "forged", "never")
_TEXTS = ("item_en", "case_number", "department_code", "item_code", "kind", "payer_shown")
_CALLBACK_FIELDS = ("receipt_no", "pay_code", "payer", "amount_fen", "paid_at", "department_code", "item_code", "kind")


class Bank(StandIn):
    """`folder` keeps notices over a restart; `late_seconds` is how late `deliver=late` is."""

    def __init__(
        self,
        *,
        key: bytes,
        now: Callable[[], datetime],
        folder: Path | None = None,
        testing: bool = False,
        zone: ZoneInfo | None = None,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
        late_seconds: float = 3.0,
    ) -> None:
        super().__init__(key=key, now=now, testing=testing, zone=zone, retry_seconds=retry_seconds)
        self.notices = Shelf(folder)
        self.withdrawn = Shelf(folder / "withdrawn" if folder else None)
        self.late_seconds = late_seconds
        self.add_url_rule("/notices", view_func=self.register_notice, methods=["POST"])
        self.add_url_rule("/withdrawals", view_func=self.withdraw_notice, methods=["POST"])
        self.add_url_rule("/pay/<pay_code>", view_func=self.show_notice, methods=["GET"])
        self.add_url_rule("/pay/<pay_code>", view_func=self.take_payment, methods=["POST"])
        self.add_url_rule("/pay/<pay_code>/reversal", view_func=self.take_back, methods=["POST"])
        self.add_url_rule("/refunds", view_func=self.pay_back, methods=["POST"])
        self.add_url_rule("/refunds", view_func=self.tell_refund, methods=["GET"])
        self.add_url_rule("/statement", view_func=self.list_day, methods=["GET"])
        self.add_url_rule("/settlement.csv", view_func=self.hand_out_day, methods=["GET"])
        self._take_up_deliveries()

    def register_notice(self) -> ResponseReturnValue:
        """201 with the pay address, 200 for the same notice again, 409 for another one of the same code or for one that
        was withdrawn: a withdrawal may arrive first."""
        self.check_signature()
        payload = sent_object()
        if wrong := _wrong_fields(payload):
            refuse(422, "invalid_notice", *wrong)
        with self.lock:
            known = self.notices.get(payload["pay_code"])
            if not known and self.withdrawn.get(payload["pay_code"]):
                refuse(409, "notice_withdrawn")
            if known and known["notice"] != payload:
                refuse(409, "notice_conflict")
            if not known:
                self.notices.put(payload["pay_code"], {"notice": payload, "paid": None, "told": "unpaid"})
        pay_url = url_for("show_notice", pay_code=payload["pay_code"], _external=True)
        return jsonify(pay_code=payload["pay_code"], pay_url=pay_url), 200 if known else 201

    def withdraw_notice(self) -> ResponseReturnValue:
        """200 with `withdrawn`: nobody can pay it any more; or with `paid`, if somebody was quicker.

        A code that the bank does not know yet can be withdrawn as well.
        """
        self.check_signature()
        given = sent_object()
        if not _is_pay_code(given.get("pay_code")):
            refuse(422, "invalid_withdrawal", "pay_code")
        with self.lock:
            record = self.notices.get(given["pay_code"])
            paid = bool(record and record["paid"])
            if not paid:
                self.withdrawn.put(given["pay_code"], {"at": self.moment()})
        return jsonify(pay_code=given["pay_code"], state="paid" if paid else "withdrawn"), 200

    def show_notice(self, pay_code: str) -> ResponseReturnValue:
        """What is to be paid, with the one button, or the receipt of what has been."""
        record = self.notices.get(pay_code)
        if record is None:
            return self._page("missing.html", MISSING_WORDS, pay_code=pay_code), 404
        return self._notice_page(record, duplicate=False)

    def take_payment(self, pay_code: str) -> ResponseReturnValue:
        """Takes the amount of the notice, once. The county is told before the payer sees the receipt, if it answers."""
        with self.lock:
            record = self.notices.get(pay_code)
            if record is None:
                return self._page("missing.html", MISSING_WORDS, pay_code=pay_code), 404
            if record["paid"]:
                return self._notice_page(record, duplicate=True), 409
            if self._expired(record) or self.withdrawn.get(pay_code):
                return self._notice_page(record, duplicate=False), 410
            record = record | {"paid": self._receipt(record["notice"]), "told": "pending"}
            self.notices.put(pay_code, record)
        self._tell_county(record, self._chosen_delivery())
        return redirect(url_for("show_notice", pay_code=pay_code, lang=request.args.get("lang")), 303)

    def take_back(self, pay_code: str) -> ResponseReturnValue:
        """The bank reverses a payment (冲正), of which nothing was refunded; the notice can be paid again.

        No person of the county does so: it is a switch of the tests.
        """
        with self.lock:
            record = self.notices.get(pay_code) if self.switches else None
            if record is None:
                return self._page("missing.html", MISSING_WORDS, pay_code=pay_code), 404
            if not record["paid"] or record.get("refunds"):
                refuse(409, "nothing_to_reverse")
            known = {"receipt": record["paid"], "reversal": self._reversal(record["paid"]), "told": "pending"}
            record = record | {"paid": None, "told": "unpaid", "reversals": [*record.get("reversals", ()), known]}
            self.notices.put(pay_code, record)
        self._deliver(partial(self._reversal_parcel, record["notice"], known["reversal"]), self._chosen_delivery())
        return redirect(url_for("show_notice", pay_code=pay_code, lang=request.args.get("lang")), 303)

    def pay_back(self) -> ResponseReturnValue:
        """Pays a part or all back along the way on which it came; 200 for the same refund again, 409 for more than
        was paid. The county is told by a signed callback."""
        self.check_signature()
        order = sent_object()
        if wrong := wrong_refund(order):
            refuse(422, "invalid_refund", *wrong)
        with self.lock:
            record = self.notices.get(order["pay_code"])
            refunds = list((record or {}).get("refunds") or ())
            known = next((one for one in refunds if one["refund_no"] == order["refund_no"]), None)
            if known is None:
                paid = record["paid"]["amount_fen"] if record and record["paid"] else 0
                if record is None or order["amount_fen"] > paid - sum(one["amount_fen"] for one in refunds):
                    refuse(409, "refund_refused")
                known = self._refund(order, len(refunds))
                self.notices.put(order["pay_code"], record | {"refunds": [*refunds, known]})
        self.courier.deliver(
            Parcel(order["callback_url"], {"event": "refunded", **known}, self.key, lambda _taken: None)
        )
        return jsonify(receipt_no=known["receipt_no"]), 200

    def tell_refund(self) -> ResponseReturnValue:
        """What became of the refund `?refund_no=`, for a county that has missed the callback."""
        self.check_signature()
        refund_no = request.args.get("refund_no", "")
        with self.lock:
            ordered = [one for record in self.notices for one in record.get("refunds") or ()]
        found = next((one for one in ordered if one["refund_no"] == refund_no), None)
        return jsonify(state="refunded" if found else "unknown", **(found or {})), 200

    def _refund(self, order: Record, earlier: int) -> Record:
        number = f"R{order['pay_code'][-12:]}{earlier + 1:03d}"
        return {name: order[name] for name in ("refund_no", "pay_code", "amount_fen")} | {
            "receipt_no": number,
            "paid_at": self.moment(),
        }

    def list_day(self) -> ResponseReturnValue:
        """The settlement list of `?day=`, a day of the county's zone, for the county alone."""
        day, items = self._asked_day()
        total_fen = sum(receipt["amount_fen"] for receipt in items)
        return jsonify(day=day.isoformat(), bank=BANK_NAME, items=items, count=len(items), total_fen=total_fen)

    def hand_out_day(self) -> ResponseReturnValue:
        """The day as a file of the kind that banks still write: GB18030, amounts in yuan, a line of totals; what was
        taken back stands in it as the payment of its day and the reversal of its own."""
        day, items = self._asked_day()
        with self.lock:
            reversals = [one for record in self.notices for one in record.get("reversals", ())]
        rows = [*items, *(one["receipt"] for one in reversals), *(_as_row(one) for one in reversals)]
        rows = [row for row in rows if datetime.fromisoformat(row["paid_at"]).date() == day]
        content = settlement_csv(day, BANK_NAME, sorted(rows, key=_number)).encode("gb18030")
        return Response(content, content_type="text/csv; charset=gb18030")

    def _asked_day(self) -> tuple[date, list[Record]]:
        self.check_signature()
        try:
            day = date.fromisoformat(request.args.get("day", ""))
        except ValueError:
            refuse(422, "invalid_day", "day")
        with self.lock:
            receipts = [record["paid"] for record in self.notices if record["paid"]]
        items = [receipt for receipt in receipts if datetime.fromisoformat(receipt["paid_at"]).date() == day]
        return day, sorted(items, key=_number)

    def _receipt(self, notice: Record) -> Record:
        known = {field: notice.get(field) or "" for field in _CALLBACK_FIELDS}
        number = f"{self._paid_so_far() + 1:010d}"
        told = {"amount_fen": notice["amount_fen"], "paid_at": self.moment()}
        return known | told | {"receipt_no": number, "bank": BANK_NAME}

    def _paid_so_far(self) -> int:
        """The last number that was given to a receipt, one that was taken back among them."""
        given = [record["paid"] for record in self.notices if record["paid"]]
        given += [one["receipt"] for record in self.notices for one in record.get("reversals", ())]
        return max((int(receipt["receipt_no"]) for receipt in given), default=0)

    def _reversal(self, receipt: Record) -> Record:
        told = {"receipt_no": f"V{receipt['receipt_no']}", "of_receipt": receipt["receipt_no"]}
        about = {name: receipt[name] for name in ("pay_code", "amount_fen")}
        return told | about | {"paid_at": self.moment(), "reason": request.args.get("reason", "付款账户退票")[:100]}

    def _chosen_delivery(self) -> str:
        chosen = request.args.get("deliver", "once") if self.switches else "once"
        return chosen if chosen in DELIVERIES else "once"

    def _tell_county(self, record: Record, delivery: str) -> None:
        self._deliver(partial(self._parcel, record), delivery)

    def _deliver(self, make: Callable[[], Parcel], delivery: str) -> None:
        """First attempt at once; `late` waits, `forged` is signed with a key that nobody shares, `never` is silence."""
        parcel = make()
        if delivery == "late":
            self.courier.deliver_later(parcel, self.late_seconds)
        elif delivery == "forged":
            self.courier.deliver(replace(parcel, key=b"not the key" + self.key, once=True))
        elif delivery == "never":
            parcel.done(False)
        else:
            self.courier.deliver(parcel)
        if delivery == "twice":
            self.courier.deliver(make())

    def _parcel(self, record: Record) -> Parcel:
        notice = record["notice"]
        done = partial(self._note_delivery, notice["pay_code"])
        return Parcel(notice["callback_url"], {"event": "paid", **record["paid"]}, self.key, done)

    def _reversal_parcel(self, notice: Record, reversal: Record) -> Parcel:
        done = partial(self._note_reversal, notice["pay_code"], reversal["receipt_no"])
        return Parcel(notice["callback_url"], {"event": "reversed", **reversal}, self.key, done)

    def _note_reversal(self, pay_code: str, number: str, taken: bool) -> None:
        with self.lock:
            if record := self.notices.get(pay_code):
                for one in record.get("reversals", ()):
                    if one["reversal"]["receipt_no"] == number:
                        one["told"] = "told" if taken else "given_up"
                self.notices.put(pay_code, record)

    def _note_delivery(self, pay_code: str, taken: bool) -> None:
        with self.lock:
            if record := self.notices.get(pay_code):
                self.notices.put(pay_code, record | {"told": "told" if taken else "given_up"})

    def _take_up_deliveries(self) -> None:
        """What a former run had not delivered yet."""
        for record in self.notices:
            if record["told"] == "pending":
                self.courier.deliver_later(self._parcel(record), 0)
            for one in record.get("reversals", ()):
                if one["told"] == "pending":
                    self.courier.deliver_later(self._reversal_parcel(record["notice"], one["reversal"]), 0)

    def _notice_page(self, record: Record, *, duplicate: bool) -> str:
        notice, action, reversals = record["notice"], None, record.get("reversals")
        withdrawn = not record["paid"] and self.withdrawn.get(notice["pay_code"]) is not None
        expired = not record["paid"] and not withdrawn and self._expired(record)
        if not record["paid"] and not withdrawn and not expired:
            switch = request.args.get("deliver") if self.switches else None
            action = url_for("take_payment", pay_code=notice["pay_code"], lang=request.args.get("lang"), deliver=switch)
        return self._page(
            "pay.html",
            PAGE_WORDS,
            notice=notice,
            paid=record["paid"],
            reversed_last=reversals[-1]["reversal"] if reversals and not record["paid"] else None,
            reversal=self._reversal_action(record),
            duplicate=duplicate,
            action=action,
            expired=expired,
            withdrawn=withdrawn,
        )

    def _reversal_action(self, record: Record) -> str | None:
        """Where this machine alone may let the bank take a payment back, to see what follows."""
        if not self.switches or not record["paid"] or record.get("refunds"):
            return None
        code, language = record["notice"]["pay_code"], request.args.get("lang")
        return url_for("take_back", pay_code=code, lang=language, deliver=request.args.get("deliver"))

    def _expired(self, record: Record) -> bool:
        """After its last day nobody pays a notice: the county makes a new one."""
        due_on = record["notice"].get("due_on")
        return bool(due_on) and self.now().astimezone(self.zone).date() > date.fromisoformat(due_on)

    def _page(self, template: str, words: dict[str, dict[str, str]], **facts: Any) -> str:
        return render_template(template, words=words[g.language], language=g.language, yuan=_yuan, **facts)


def _number(receipt: Record) -> str:
    return str(receipt["receipt_no"])


def _as_row(one: Record) -> Record:
    """A reversal as a line of the file: the receipt's own codes, below nothing."""
    receipt, reversal = one["receipt"], one["reversal"]
    told = {"amount_fen": -receipt["amount_fen"], "kind": "冲正", "note": f"原票据号码 {receipt['receipt_no']}"}
    return {**receipt, **{name: reversal[name] for name in ("receipt_no", "paid_at")}, **told}


def _yuan(amount_fen: int) -> str:
    return f"¥{amount_fen // 100:,}.{amount_fen % 100:02d}"


def _wrong_fields(payload: Record) -> list[str]:
    """Names of the fields that no notice may have so."""
    amount_fen, due_on = payload.get("amount_fen"), payload.get("due_on")
    checks = {
        "pay_code": _is_pay_code(payload.get("pay_code")),
        # Ten thousand million yuan: more is a slip of units.
        "amount_fen": type(amount_fen) is int and 0 < amount_fen <= 10**12,
        "payer": _is_text(payload.get("payer"), least=1),
        "item": _is_text(payload.get("item"), least=1),
        "callback_url": is_web_address(payload.get("callback_url")),
        "return_url": not payload.get("return_url") or is_web_address(payload["return_url"]),
        "due_on": due_on is None or _is_day(due_on),
    } | {name: _is_text(payload.get(name, ""), least=0) for name in _TEXTS}
    return [name for name, holds in checks.items() if not holds]


def wrong_refund(order: Record) -> list[str]:
    """Names of the fields that no refund may have so."""
    amount_fen = order.get("amount_fen")
    checks = {
        "refund_no": _is_text(order.get("refund_no"), least=1),
        "pay_code": isinstance(order.get("pay_code"), str),
        "amount_fen": type(amount_fen) is int and 0 < amount_fen <= 10**12,
        "callback_url": is_web_address(order.get("callback_url")),
    }
    return [name for name, holds in checks.items() if not holds]


def _is_pay_code(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9]{20}", value) is not None


def _is_text(value: object, *, least: int) -> bool:
    return isinstance(value, str) and least <= len(value.strip()) <= 200


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False
