"""The county's side of outside services: the bank and the SMS gateway, spoken to over signed HTTP.

Nothing here retries (the outbox does), touches the database or knows of cases; addresses, keys and clock are passed in.
"""
