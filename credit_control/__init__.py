"""The rules of credit control, as pure functions over frozen facts.

Nothing here reads a clock, a database or the network: what is to be decided comes in as facts
(``credit_control.facts``), what was decided goes out as decisions with reasons
(``credit_control.decisions``). Standard library only.
"""
