"""The web server's own layer: reads the whole request, then gives it to a thread of its lane.

A client that sends half a request occupies a socket, but no thread
(docs/adr/0072-whole-requests.md).

May import: nothing of ours.
"""
