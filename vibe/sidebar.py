"""The look of the admin, and what its sidebar leads to."""

from __future__ import annotations

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Daily Vibe",
    "SITE_HEADER": "Daily Vibe",
}
