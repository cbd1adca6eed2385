"""The names of the tz database."""

from typing import Final
from zoneinfo import available_timezones

ZONES: Final = frozenset(available_timezones())
