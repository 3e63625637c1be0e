"""Personal data: PESELs recognised and masked, and what must not rest in clear encrypted.

What passes through here can be kept: without a PESEL, without characters that nobody sees, or
sealed by DATA_KEY.
May import: models.
"""
