"""Events for other systems of the county, published to a topic exchange of a broker and confirmed by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.gateways.transport import CONNECT_SECONDS, READ_SECONDS, GatewayError

EXCHANGE = "mingjing.events"


@dataclass(frozen=True, slots=True)
class Published:
    """`topic` is the routing key: the kind of the event. `key` goes as the message's id, for receivers that count."""

    topic: str
    content: Mapping[str, Any]
    key: str


@dataclass(frozen=True)
class EventBroker:
    """`url` is an amqp address. Queues are the receivers' own affair: they bind them to the exchange."""

    url: str

    def send(self, message: Published) -> str:
        """Once the broker has it safe. GatewayError, always one that may be tried again."""
        from kombu import Connection, Exchange
        from kombu.exceptions import KombuError

        waits = {"confirm_publish": True, "read_timeout": READ_SECONDS, "write_timeout": READ_SECONDS}
        broker = Connection(self.url, connect_timeout=CONNECT_SECONDS, transport_options=waits)
        exchange = Exchange(EXCHANGE, type="topic", durable=True)
        try:
            with broker as connection:
                producer = connection.Producer(exchange=exchange, auto_declare=True)
                producer.publish(
                    json.dumps(message.content, ensure_ascii=False).encode(),
                    routing_key=message.topic,
                    content_type="application/json",
                    content_encoding="utf-8",
                    delivery_mode=2,
                    message_id=message.key,
                )
        except TimeoutError:
            raise GatewayError("timed_out", retryable=True) from None
        except (OSError, KombuError, *broker.connection_errors, *broker.channel_errors):
            raise GatewayError("unreachable", retryable=True) from None
        return f"{EXCHANGE} {message.topic}"
