"""Named queries, one file a subject. They take a session and never commit."""
