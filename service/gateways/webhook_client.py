"""Signed POSTs to receivers that an administrator has named, and the guard that keeps them out of our own house.

The name is looked up once, every address it has is judged, and the connection goes to the judged address itself: a name
that changes its address in between leads nowhere else. Redirections are not followed and answers are not read.
"""

from __future__ import annotations

import hmac
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

from service.gateways.signing import signed_headers
from service.gateways.transport import CONNECT_SECONDS, READ_SECONDS, TRY_AGAIN, GatewayError

IDEMPOTENCY_HEADER = "Idempotency-Key"
LONGEST_URL = 300
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# RFC 6052: IPv4 in IPv6 clothes, wherever a translator stands.
_TRANSLATED = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Guard:
    """Where webhooks may go: public addresses and networks that the settings name, over https.

    In testing this machine as well, over http too.
    """

    networks: tuple[Network, ...] = ()
    testing: bool = False

    def check(self, url: str) -> SplitResult:
        """The address in its parts. ValueError for one that webhooks may not have."""
        parts = urlsplit(url)
        sound = parts.hostname and not parts.username and not parts.password and not parts.fragment
        if not sound or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError("Expected an address with a host, without user, password and fragment")
        if parts.port == 0 or not (parts.scheme == "https" or (self.testing and parts.scheme == "http")):
            raise ValueError("Expected an https address")
        host = _literal(parts.hostname or "")
        if host is not None and not self.allows(host):
            raise ValueError("Expected a public address, or one of the networks that the settings name")
        if parts.scheme == "http" and not (host is not None and host.is_loopback):
            raise ValueError("Expected https for everything but this machine")
        return parts

    def allows(self, address: Address) -> bool:
        """Whether a connection may be opened to it."""
        inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        if inner is not None:
            return self.allows(inner)
        if any(address.version == each.version and address in each for each in self.networks):
            return True
        if address.is_loopback:
            return self.testing
        dressed = isinstance(address, IPv6Address) and (
            address.sixtofour is not None or address.teredo is not None or address in _TRANSLATED
        )
        return address.is_global and not address.is_multicast and not dressed


@dataclass(frozen=True, slots=True)
class Delivery:
    url: str
    body: bytes
    key: bytes
    idempotency_key: str


@dataclass(frozen=True)
class WebhookClient:
    guard: Guard
    now: Callable[[], datetime]

    def send(self, delivery: Delivery) -> str:
        """The receiver's status. GatewayError: `address_refused` is final, as is what 4xx answers mean."""
        try:
            parts = self.guard.check(delivery.url)
        except ValueError:
            raise GatewayError("address_refused", retryable=False) from None
        address = self._address(parts)
        headers = {
            **signed_headers(delivery.body, delivery.key, now=self.now()),
            IDEMPOTENCY_HEADER: delivery.idempotency_key,
            "Content-Type": "application/json",
            "User-Agent": "Mingjing-Webhook/1",
            "Host": parts.netloc,
        }
        status = _post(parts, address, delivery.body, headers)
        if not 200 <= status < 300:
            raise GatewayError(f"http_{status}", retryable=status >= 500 or status in TRY_AGAIN)
        return f"HTTP {status}"

    def _address(self, parts: SplitResult) -> Address:
        host, port = parts.hostname or "", parts.port or _port(parts.scheme)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise GatewayError("unreachable", retryable=True) from None
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        if not addresses or not all(self.guard.allows(each) for each in addresses):
            raise GatewayError("address_refused", retryable=False)
        return addresses[0]


def receiver_key(secret: bytes, receiver_id: int) -> bytes:
    """The key shared with one receiver: drawn from the installation's own, so that no table holds it."""
    return hmac.new(secret, f"webhook receiver {receiver_id}".encode(), "sha256").hexdigest().encode()


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks in CIDR, parted by commas. ValueError for what is none."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def _post(parts: SplitResult, address: Address, body: bytes, headers: Mapping[str, str]) -> int:
    target = parts.path or "/"
    target = f"{target}?{parts.query}" if parts.query else target
    try:
        with _pool(parts, address) as pool:
            answer = pool.urlopen(
                "POST",
                target,
                body=body,
                headers=dict(headers),
                retries=False,
                redirect=False,
                preload_content=False,
                assert_same_host=False,
            )
            answer.close()
            return answer.status
    except NewConnectionError:
        raise GatewayError("unreachable", retryable=True) from None
    except TimeoutError:
        raise GatewayError("timed_out", retryable=True) from None
    except (HTTPError, OSError, ValueError):
        raise GatewayError("unreachable", retryable=True) from None


def _pool(parts: SplitResult, address: Address) -> urllib3.HTTPConnectionPool:
    port = parts.port or _port(parts.scheme)
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(str(address), port, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        str(address),
        port,
        timeout=timeout,
        ssl_context=ssl.create_default_context(),
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def allowed_kinds(given: Sequence[str], known: frozenset[str]) -> list[str]:
    """The kinds of events that were named and that there are, each once; ValueError for one that there is not."""
    strange = sorted(set(given) - known)
    if strange:
        raise ValueError(f"Expected kinds of events that are announced, found {', '.join(strange)}")
    return sorted(set(given))
