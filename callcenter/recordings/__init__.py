"""Recordings: messages of callers and conversations with the desk, consent, and sounds to play.

What is kept is encrypted, and gone when its time is over.
May import: actions, offline, outbox, privacy, tickets, models, words.
"""
