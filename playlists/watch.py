"""PLACEHOLDER: MEND1 writes it."""

from __future__ import annotations

from datetime import datetime


def watch(now: datetime) -> None:
    return None
