"""How customers pay: ratings, habits, and when money is likely to come (docs/payers.md)."""
