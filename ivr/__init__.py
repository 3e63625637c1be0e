"""The conversation: the phone script, the pure engine that walks it, and TwiML.

The engine touches no database, no clock and no carrier, so every state of the script can be
proved.
May import: callcenter, models, words.
"""
