"""The queue: who waits, who is free, whose telephone rings, and the conversation that follows.

The order is in our rows, and no caller who waits is lost with a consultant, a leg or a process.
May import: actions, announcements, outbound, outbox, tickets, models.
"""
