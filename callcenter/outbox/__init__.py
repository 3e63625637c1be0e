"""The transactional outbox: jobs asked for in a transaction, and requests that are done once.

A job leaves after the commit and is never lost; the same form or request sent twice is done once.
May import: privacy, models.
"""
