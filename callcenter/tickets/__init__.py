"""Tickets: numbers, outcomes, decisions, notes, search and export.

Every call has one ticket; what is written on it is only ever added.
May import: actions, calendar, callers, outbound, privacy, models.
"""
