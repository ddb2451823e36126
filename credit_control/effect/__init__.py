"""Whether chasing works: what was done, what was rightly left undone, and what changed since."""
