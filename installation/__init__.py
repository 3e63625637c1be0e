"""The parts of an installation: the home, and the servers that are embedded in it.

Servers in the home are started once, and stopped by the last process that needs them.
May import: nothing of ours.
"""
