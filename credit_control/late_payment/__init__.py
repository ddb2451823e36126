"""The law of late payment: interest and compensation by dated rules, with the working line by line.

``law`` says what a rule set is and ``reading`` makes one from its file; ``facts`` is what is known of a
debt; ``claim.claim`` works out what may be claimed. Amounts are exact fractions until they are rounded,
once. A calculation, not legal advice: docs/late-payment-law.md.
"""
