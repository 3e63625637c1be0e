"""The demo's telephone."""
