"""What stands behind webhooks.py: signatures, what was posted, its execution, the answer.

A caller is always answered in time, whatever part is away.
May import: callcenter, ivr, models, words.
"""
