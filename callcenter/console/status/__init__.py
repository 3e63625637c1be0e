"""The public status page, as page, JSON and RSS."""
