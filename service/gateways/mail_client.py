"""Mail to the county's relay, by SMTP (RFC 5321): one message a connection, over TLS where the address says so."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from service.gateways.transport import GatewayError

SCHEMES = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
# One exchange; a message has some six of them, and all must be over before somebody else may try.
_SECONDS = 5.0
_MAILBOX_REFUSED = "recipient_refused"


@dataclass(frozen=True, slots=True)
class Mail:
    """One recipient each, so that nobody reads who else was told."""

    to: str
    subject: str
    text: str
    key: str


@dataclass(frozen=True)
class MailClient:
    """`url` is smtp, smtp+tls (STARTTLS, insisted upon) or smtps, with user and password if the relay asks for them."""

    url: str
    sender: str
    now: Callable[[], datetime]

    def send(self, mail: Mail) -> str:
        """The relay's words on taking it. GatewayError: what the relay answers with 4xx may be tried again, 5xx not."""
        message = self._message(mail)
        try:
            with self._connected() as relay:
                _expect(relay.mail(self.sender), "sender_refused")
                _expect(relay.rcpt(mail.to), _MAILBOX_REFUSED)
                return _expect(relay.data(message), "content_refused")
        except smtplib.SMTPResponseException as answer:
            raise GatewayError(f"smtp_{answer.smtp_code}", retryable=answer.smtp_code < 500) from None
        except TimeoutError:
            raise GatewayError("timed_out", retryable=True) from None
        except (smtplib.SMTPException, OSError):
            raise GatewayError("unreachable", retryable=True) from None

    def _connected(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        place = (parts.hostname or "", parts.port or SCHEMES[parts.scheme])
        if parts.scheme == "smtps":
            relay: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=_SECONDS, context=ssl.create_default_context())
        else:
            relay = smtplib.SMTP(*place, timeout=_SECONDS)
        try:
            relay.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp+tls":
                relay.starttls(context=ssl.create_default_context())
            if parts.username:
                relay.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            relay.close()
            raise
        return relay

    def _message(self, mail: Mail) -> bytes:
        domain = self.sender.rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = self.sender, mail.to, mail.subject
        message["Date"] = format_datetime(self.now())
        message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:32]}@{domain}>"
        # RFC 3834: nobody's holiday answers a machine.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="base64")
        return bytes(message)


def _expect(answer: tuple[int, bytes], code: str) -> str:
    """The words of a 2xx answer; GatewayError otherwise."""
    status, words = answer
    if not 200 <= status < 300:
        raise GatewayError(code, retryable=status < 500)
    return f"{status} {words.decode(errors='replace')}"
