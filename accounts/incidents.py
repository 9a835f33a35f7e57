"""PLACEHOLDER of the lead: the OUTBOX engineer replaces this whole file."""

from __future__ import annotations

from typing import Any


def begin(kind: str, now: Any, **params: Any) -> bool:
    return False


def over(kind: str, now: Any) -> bool:
    return False


def watch_services(now: Any) -> None:
    return None
