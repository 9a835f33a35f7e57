"""Where log lines go and how loud each library is; plain, since the settings read it."""

from __future__ import annotations

import logging
from typing import Any


def described(level: str) -> dict[str, Any]:
    """Django's LOGGING; a level nobody knows is INFO, and `vibe.checks` says so."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"scrubbed": {"()": "vibe.logs.ScrubbingFormatter"}},
        "filters": {"not_meant": {"()": "vibe.logs.NotMeant"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "scrubbed"}},
        "root": {"handlers": ["console"], "level": level if level in logging.getLevelNamesMapping() else "INFO"},
        "loggers": {
            # Their DEBUG lines print bearer tokens and the client secret.
            **{name: {"level": "WARNING"} for name in ("spotipy", "urllib3", "pylast", "httpx2", "httpcore2")},
            # A line for every ring and every task says nothing that the runs' own lines do not say better.
            "django-q": {"level": "WARNING"},
            "django.request": {"filters": ["not_meant"]},
            "TeleBot": {"level": "WARNING", "handlers": ["console"], "propagate": False},
        },
    }
