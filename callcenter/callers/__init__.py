"""Who calls: the normal form of a caller's number or address, and the caller's card.

One rule decides which callers are withheld, which are unusable, and which spellings mean the same
person.
May import: privacy, models.
"""
