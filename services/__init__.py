"""Use cases: one function is one change. Here rules, store and integration meet.

No transaction is open across a call to a provider. Functions take the ``App`` and ids, and open their
own short transactions.
"""
