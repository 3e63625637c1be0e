"""Announcements: made, heard, ended and remembered, by page, telephone, command or JSON alike.

The rows are the truth; the board is a file of them that every call reads without a query.
May import: actions, calendar, offline, outbound, outbox, people, privacy, recordings, reporting,
tickets, models, words.
"""
