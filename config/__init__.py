"""What an operator can set: read once, checked, every fault named at once.

May import: installation, serving.
"""

from config.settings import (
    CARRIER,
    Settings,
    SettingsError,
    read_data_key,
    read_database_url,
    read_home,
)

__all__ = [
    "CARRIER",
    "Settings",
    "SettingsError",
    "read_data_key",
    "read_database_url",
    "read_home",
]
