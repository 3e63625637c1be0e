"""The call log: opened with the first ring, a turn for each answer, ended by the carrier's word.

No call is missing from it, whatever came twice, late or not at all.
May import: announcements, callers, queue, tickets, models.
"""
