"""Recordings: messages of callers and conversations with the desk, consent, and sounds to play.

Recordings are encrypted, and erased when their time is over.
May import: actions, offline, outbox, privacy, tickets, models, words.
"""
