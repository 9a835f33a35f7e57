"""The dashboard's charts, as Chart.js wants them; they are for the eye alone, and say nothing the tables do not say."""

from __future__ import annotations

from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy as _

from playlists.figures import Day

RESULTS = {
    "success": _("done"),
    "failed": _("failed"),
    "needs_link": _("to connect again"),
    "unfinished": _("unfinished"),
    "dry_run": _("dry runs"),
}
MUTED = "#8b8f98"
# Light enough on dark, dark enough on light.
COLOURS = {
    "success": "#16a34a",
    "failed": "#dc2626",
    "needs_link": "#d97706",
    "unfinished": "#0891b2",
    "dry_run": MUTED,
}


def options(*, stacked: bool) -> dict[str, Any]:
    y = {"stacked": stacked, "beginAtZero": True, "ticks": {"precision": 0, "color": MUTED}}
    if not stacked:
        y["max"] = 100
    return {
        "responsive": True,
        "maintainAspectRatio": False,
        "animation": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {"legend": {"position": "bottom", "labels": {"color": MUTED, "boxWidth": 12}}},
        "scales": {
            "x": {"stacked": stacked, "grid": {"display": False}, "ticks": {"color": MUTED, "maxTicksLimit": 10}},
            "y": y,
        },
    }


def _labels(found: list[Day]) -> list[str]:
    return [formats.date_format(day.date, "j.m.") for day in found]


def runs(found: list[Day]) -> dict[str, Any]:
    sets = [
        {"label": str(words), "data": [day.counts[result] for day in found], "backgroundColor": COLOURS[result]}
        for result, words in RESULTS.items()
    ]
    return {"labels": _labels(found), "datasets": sets}


def novelty(found: list[Day]) -> dict[str, Any]:
    def line(words: Any, shares: list[float | None], colour: str) -> dict[str, Any]:
        points = [None if share is None else round(100 * share, 1) for share in shares]
        return {"label": str(words), "data": points, "borderColor": colour, "backgroundColor": colour, "spanGaps": True}

    achieved = line(_("achieved, %"), [day.achieved for day in found], COLOURS["success"])
    asked = line(_("asked for, %"), [day.asked for day in found], COLOURS["dry_run"])
    return {"labels": _labels(found), "datasets": [achieved, {**asked, "borderDash": [4, 4]}]}
