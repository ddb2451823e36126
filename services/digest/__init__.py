"""The weekly digest: what a week brought, by mail to each colleague who wants it (docs/digest.md)."""
