"""Notices to people: rows written in the act's transaction, sent afterwards by workers, with their receipts."""
