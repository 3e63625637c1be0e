"""Tickets: list, one ticket, decisions, several at once, search, the caller's card."""
