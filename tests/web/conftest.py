"""Fixtures of the tests that speak to the web application."""

from tests.service_fixtures import founded_county, office

__all__ = ["founded_county", "office"]
