"""What holds while a part is away: the spool, durable files, heartbeats, a log that stays calm.

What was spooled is in the database once when it is back.
May import: privacy.
"""
