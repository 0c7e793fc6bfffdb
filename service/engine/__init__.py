"""The only importer of SpiffWorkflow: models, runs, and the bytes of a case's state.

`ProcessModel` is a parsed bundle (shared between threads), `CaseRun` one case in memory, `Host` what a run asks of
the service. A run touches no database: its `Outcome` says what happened, and the nouns write it down.
"""

from service.engine.codec import CodecError
from service.engine.model import FACTS, Element, ModelError, ProcessModel, build_model
from service.engine.outcome import CASE_LIMIT_ROLES, LIMIT_ROLES, ArmedTimer, Happening, OpenStep, Outcome, ScopeLimit
from service.engine.run import HELD, CaseRun
from service.engine.workflow import EngineFailure, Host

__all__ = [
    "CASE_LIMIT_ROLES",
    "FACTS",
    "HELD",
    "LIMIT_ROLES",
    "ArmedTimer",
    "CaseRun",
    "CodecError",
    "Element",
    "EngineFailure",
    "Happening",
    "Host",
    "ModelError",
    "OpenStep",
    "Outcome",
    "ProcessModel",
    "ScopeLimit",
    "build_model",
]
