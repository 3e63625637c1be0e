"""What those who watch the line read: which part is there, what was done, what waits.

Asking never waits for a part that is away.
May import: announcements, offline, outbound, models.
"""
