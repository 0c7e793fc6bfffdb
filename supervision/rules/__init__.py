"""The rules of a pass, one module each: frozen facts in, findings out. No session, clock or logging here."""
