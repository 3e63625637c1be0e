"""Dates as the help desk counts them: working days, deadlines, Warsaw's clock.

Every moment is aware and in UTC; only what people read or type is Warsaw's, the two nights of the
clock change included.
May import: words.
"""
