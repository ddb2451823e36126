"""Programs of others that users name, over HTTP."""
