"""What leaves the line: the dial policy against toll fraud, and SMS to callers.

Nothing is promised to a caller or asked of the carrier that the policy refuses.
May import: actions, calendar, callers, outbox, models.
"""
