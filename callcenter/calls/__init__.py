"""The call log: a call is opened when it rings, gets a turn for each answer, and is ended.

No call is missing from the log, whether webhooks come twice, late or never.
May import: announcements, callers, queue, tickets, models.
"""
