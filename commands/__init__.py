"""The commands, one file for each subject. `cli` registers them.

May import: everything of ours but `cli`.
"""
