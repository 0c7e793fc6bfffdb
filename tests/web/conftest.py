"""Fixtures of the tests that speak to the web application."""

from tests.service_fixtures import founded_county, founded_on_postgresql, office, postgresql_office

__all__ = ["founded_county", "founded_on_postgresql", "office", "postgresql_office"]
