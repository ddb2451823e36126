"""Outbound: one folder a system, all alike: a protocol, the real client, the mapping to our own facts."""
