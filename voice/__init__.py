"""What stands behind the front door (webhooks.py): reading what was posted, performing it."""
