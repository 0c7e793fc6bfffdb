"""The outbox: what an act has to tell others, done after its transaction, at least once, by its idempotency key.

A message for our own database is done in one transaction with its mark. One that leaves the house is claimed, sent with
no transaction open, and recorded: whoever dies in between leaves a claim that runs out, and the message is sent again.
Messages for one address share a lane; where nobody answers the lane rests until the next drain, the others go on.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam, func, select, update
from sqlalchemy.engine import Row

from service.database.session import reading, transaction
from service.database.tables import case, outbox
from service.errors import Stopped
