"""The figures of a ledger: how fast customers pay, how much is late, how well collecting goes.

Every formula is published with its source, takes amounts of one currency, and is given back with the numbers that went
in, so that anybody can work it out again by hand. Ratios are exact until they are written down.
"""
