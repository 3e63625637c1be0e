"""People of the desk, their own settings, and tokens of programs."""
