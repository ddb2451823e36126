"""Domain-free helpers. Imports nothing of ours; everything else may import it."""
