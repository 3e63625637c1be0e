"""What leaves the line: the dial policy against toll fraud, and SMS to callers.

Nothing that the policy refuses is promised to a caller or requested from the carrier.
May import: actions, calendar, callers, outbox, models.
"""
