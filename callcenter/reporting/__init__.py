"""Figures of days: waiting, endings, proportions with their interval.

Figures are about the line, none about a person of the desk.
May import: calendar, models.
"""
