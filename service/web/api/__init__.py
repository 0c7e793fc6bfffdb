"""The JSON interface of `/api/v1`: each module declares its endpoints, one dispatcher runs them (endpoint.py)."""
