"""Structured logs: one JSON object a line on stderr, with request and case ids bound by the shells."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

_COMMON: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)
_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)


def configure_logging(*, level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's records to stderr as JSON lines."""
    structlog.configure(
        processors=[*_COMMON, _JSON],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_COMMON],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _JSON],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


log = structlog.get_logger()
