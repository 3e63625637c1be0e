"""Switching announcements, and the ledger of who heard them."""
