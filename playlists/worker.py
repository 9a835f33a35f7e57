"""PLACEHOLDER of the lead: the WORKER engineer replaces this whole file."""

from __future__ import annotations

from typing import Any


def beat(now: Any) -> None:
    return None
