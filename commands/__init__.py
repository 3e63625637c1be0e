"""The commands, a file a subject. `cli` names them.

May import: everything of ours but `cli`.
"""
