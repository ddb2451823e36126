"""Inbound: verify, store, answer; one file a sender. What was stored is followed later, by a job."""
