"""The transactional outbox: jobs written in a transaction, and requests performed only once.

A job leaves after the commit and is never lost. The same form or request sent twice is done once.
May import: privacy, models.
"""
