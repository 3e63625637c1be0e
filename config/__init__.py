"""The operator's settings: read once, checked, with all faults reported at once.

May import: installation, serving.
"""

from config.reader import CARRIER, SettingsError, read_home
from config.settings import Settings, read_data_key, read_database_url

__all__ = [
    "CARRIER",
    "Settings",
    "SettingsError",
    "read_data_key",
    "read_database_url",
    "read_home",
]
