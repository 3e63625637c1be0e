"""Personal data: PESELs are recognised and masked, and other personal data is encrypted.

What passes through here can be stored: it has no PESEL and no invisible characters, or it is
encrypted with DATA_KEY.
May import: models.
"""
