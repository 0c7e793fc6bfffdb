"""Fixtures of the tests of installations."""

from tests.service_fixtures import founded_county, founded_on_postgresql

__all__ = ["founded_county", "founded_on_postgresql"]
