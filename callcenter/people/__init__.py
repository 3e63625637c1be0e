"""People of the desk and programs: sign-in, passwords, PINs, API tokens.

A secret is kept only as a hash, and guessing it becomes slower on every machine alike.
May import: callers, outbound, privacy, models, words.
"""
