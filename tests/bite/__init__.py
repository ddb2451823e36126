"""Whether the tests bite: each promise is broken on purpose, and its test has to fail. ``make bite`` runs it."""
