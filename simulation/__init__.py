"""A county that lives a year in minutes, with breaches that somebody planted, and how many of them supervision finds.

It knows the product's commands, reads and published rules. It never imports supervision, nor supervision it.
"""
