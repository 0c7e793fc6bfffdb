"""Alarms as the rest of the house names them. What is one is decided by supervision alone."""
