"""PLACEHOLDER of the lead: the NIGHT engineer replaces this whole file."""

from __future__ import annotations

from typing import Any


def enqueue_due(now: Any) -> dict[str, int]:
    return {}
