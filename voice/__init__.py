"""The webhooks behind webhooks.py: signatures, parsing, execution, answers.

A caller is always answered in time, whichever part is away.
May import: callcenter, ivr, models, words.
"""
