"""The registry of what takes two people: each kind of proposal under its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.commands.alarm_rule_proposal import SWITCH_OFF
from service.commands.grant_proposal import GRANT
from service.commands.lay_down_fee_standard import LAY_DOWN
from service.commands.pool_proposal import POOLS
from service.commands.proposals import ProposalKind
from service.commands.setting_proposal import SETTING
from service.commands.template_proposal import DOCUMENT_WORDS

_ALL: Final[tuple[ProposalKind, ...]] = (GRANT, SETTING, LAY_DOWN, DOCUMENT_WORDS, POOLS, SWITCH_OFF)
KINDS: Final[Mapping[str, ProposalKind]] = MappingProxyType({kind.name: kind for kind in _ALL})
