"""Persons, posts, delegations, permissions, separation of roles, sign-in."""
