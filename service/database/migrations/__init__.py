"""The schema's history: each file of `versions/` is one change, and all of them together equal `tables.metadata`."""
