"""Credit bureaus, whatever their make."""
