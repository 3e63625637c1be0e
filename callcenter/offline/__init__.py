"""What works while a part is away: the spool, durable files, heartbeats, throttled logs.

A spooled record reaches the database once the database is back.
May import: privacy.
"""
