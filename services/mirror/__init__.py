"""The mirror of the ledger: the first import, polls and nightly sweeps, and the one way of writing to it.

``schedule`` says what is to be read when, ``sources`` how; ``slices`` reads a few pages of it and ``walk``
knows how a list is paged; ``write`` takes documents over, ``strangers`` fetches contacts that only an invoice
has told of, ``events`` follows what webhooks told. ``sync`` is what the job calls.
"""
