"""The desk: what stays true after the caller hangs up, a package for each noun.

Functions take the session and never commit; the edges (webhooks, pages, jobs, commands) do.
"""
