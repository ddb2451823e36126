"""A Xero- and SendGrid-shaped pair of servers in one process, for the demo and the tests.

Nothing here is imported by the product, and the product imports nothing from here: they meet over HTTP.
"""
