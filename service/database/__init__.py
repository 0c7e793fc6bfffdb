"""The database behind one door: tables, engine, transaction, migrations. Imports nothing of the nouns."""
