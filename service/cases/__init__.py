"""The case: its status moves, its number, and the facts of an act that subscribers are told."""
