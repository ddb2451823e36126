"""Text messages out, whatever the provider's make."""
