"""What novelty was asked of a list and achieved, and which rule had to give: figures, and the sentences for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playlists import notes

if TYPE_CHECKING:
    from playlists.models import PlaylistRun, PlaylistRunTrack

Figures = Mapping[str, Any]


def figures(run: PlaylistRun, tracks: Iterable[PlaylistRunTrack] | None = None) -> dict[str, Any]:
    """As plain data, of a run whose list is chosen; `tracks`: where they have been read already."""
    rows = run.planned or [
        {"reason": row.reason, "is_new": row.is_new_to_bot} for row in (run.tracks.all() if tracks is None else tracks)
    ]
    known = Counter(row["reason"].get("again", "") for row in rows if not row["is_new"])
    plan = run.plan or {}
    return {
        "asked": round(100 * run.min_new_ratio),
        # The run's own figures stay where its tracks are gone.
        "total": len(rows) or run.total,
        "new": sum(row["is_new"] for row in rows) if rows else run.new,
        "likes": known["like"],
        "given": known["given"],
        "artists": plan.get("artists") or run.report.get("artists") or {},
        "relaxations": plan.get("relaxations", run.relaxations),
    }


def kept(told: Figures) -> list[str]:
    """Sentences on the share of new tracks and artists; none for figures of an older make."""
    return list(_kept(told)) if told.get("total") else []


def gave_way(told: Figures) -> list[str]:
    """A sentence for each rule that gave way, in their order; the share of new tracks `kept` has told already."""
    codes = told.get("relaxations", ())
    return [notes.relaxation(code) for code in codes if code != "min_new_ratio" or not told.get("total")]


def sentences(told: Figures) -> list[str]:
    """All of it."""
    return [*kept(told), *gave_way(told)]


def _kept(told: Figures) -> Iterator[str]:
    yield _share(told)
    if told["likes"] or told["given"]:  # older lists do not tell
        yield _others(told)
    if told["artists"]:
        count = told["artists"]["all"]
        text = ngettext(
            "By {count} artist, {new} of them new to you.", "By {count} artists, {new} of them new to you.", count
        )
        yield text.format(count=count, new=told["artists"]["new"])


def _share(told: Figures) -> str:
    if not told["asked"]:
        text = _("{new} of {total} are new to you.")
    elif told["new"] < ceil(round(told["asked"] * told["total"] / 100, 9)):
        text = _(
            "You asked for at least {asked} % new; only {new} of {total} are, as not enough unknown music was found."
        )
    elif told["asked"] == 100:
        text = _("You asked for new tracks alone; {new} of {total} are new.")
    else:
        text = _("You asked for at least {asked} % new; {new} of {total} are new.")
    return text.format(**told)


def _others(told: Figures) -> str:
    if not told["given"]:
        text = _("The others are likes of yours: {likes}.")
    elif not told["likes"]:
        text = _("The others you were given before: {given}.")
    else:
        text = _("The others are likes of yours ({likes}) and tracks you were given before ({given}).")
    return text.format(**told)
