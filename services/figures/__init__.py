"""The figures of an organisation's own ledger."""
