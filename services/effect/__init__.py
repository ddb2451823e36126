"""Whether chasing works, told from an organisation's own messages and ledger."""
