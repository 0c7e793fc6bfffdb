"""Fee lines, payment notices and what the ledger says. Only the bank or the treasury makes a notice paid."""
