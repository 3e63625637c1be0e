"""Who calls: the number or address as one person writes it, and the card that the desk keeps of it.

One rule decides who is withheld, who is unusable and which spellings are the same person.
May import: privacy, models.
"""
