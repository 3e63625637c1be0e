"""The queue: who waits, who is available, whose telephone rings, and the conversation after it.

The order is in our rows, so a waiting caller survives the loss of a consultant, a leg or a process.
May import: actions, announcements, outbound, outbox, tickets, models.
"""
