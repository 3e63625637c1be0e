"""The web server's own layer: whole requests first, then a thread of the lane that they belong to.

Whoever sends half a request holds a socket, and no thread (docs/adr/0072-whole-requests.md).

May import: nothing of ours.
"""
