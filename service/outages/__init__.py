"""停机补录: declared outages and the numbered paper receipts that are entered after them. Pure."""
