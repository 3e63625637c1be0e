"""The phone script as a tree that anybody can read."""
