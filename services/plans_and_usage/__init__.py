"""Hosted use: trials, who pays, and how much is used. Where HOSTED is off none of it limits anybody."""
