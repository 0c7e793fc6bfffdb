"""The record of a case: append-only events, each bound to the one before by its hash."""
