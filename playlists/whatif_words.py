"""A what-if in words, for the terminal and for the admin's page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playlists import notes, reasons
from playlists.course import FATES
from playlists.models import PlaylistRun
from playlists.whatif import GONE, KEPT, NEW, Difference, Row, Side
from playlists.whatif_form import FIELDS, WhatIfForm


def refusal(run: PlaylistRun, code: str) -> str:
    if code == "no_ledger":
        return _(
            "The ledger of run {run} is no longer there: it is kept for 30 days, and while Spotify is connected."
        ).format(run=run.pk)
    if code == "too_old":
        return _("The ledger of run {run} is of another version and too old to be replayed.").format(run=run.pk)
    return _("Run {run} has chosen no tracks, so there is nothing to compare with.").format(run=run.pk)


def settings(difference: Difference) -> list[tuple[str, str, str]]:
    """(what, before, after) of every setting."""
    before, after = difference.before.settings, difference.after.settings
    labels = WhatIfForm.base_fields
    return [(str(labels[name].label), _setting(before[name]), _setting(after[name])) for name in FIELDS]


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={weight:g}" for name, weight in sorted(value.items())) or "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def summary(difference: Difference) -> Iterator[str]:
    counts = {change: len(difference.of(change)) for change in (KEPT, GONE, NEW)}
    yield _("Kept {kept}, gone {gone}, new on the list {new}.").format(**counts)
    for words, side in ((_("Before: {share}"), difference.before), (_("Now: {share}"), difference.after)):
        yield words.format(share=_share(side))
    if difference.languages_rest:
        yield _("A list by a wish is not shared out among languages.")
    if difference.silent:
        told = _("Nothing came from {sources} in this run, so that a weight changes nothing there.")
        yield told.format(sources=", ".join(difference.silent))
    if open_ := difference.look_up:
        told = ngettext(
            "{n} track would have to be looked up at Spotify first, and may not be there.",
            "{n} tracks would have to be looked up at Spotify first, and may not be there.",
            open_,
        )
        yield told.format(n=open_)
    if drift := difference.drift:
        told = ngettext(
            "{n} track goes even without any change: the program has changed since.",
            "{n} tracks go even without any change: the program has changed since.",
            drift,
        )
        yield told.format(n=drift)


def _share(side: Side) -> str:
    told = _("{new} of {total} new to the listener ({share:.0%})").format(
        new=side.new, total=side.total, share=side.novelty
    )
    gave_way = "; ".join(map(notes.relaxation, side.relaxations))
    return told + ". " + _("Gave way: {rule}").format(rule=gave_way) if gave_way else told


def remark(row: Row) -> str:
    """Why it is there, or why it is not."""
    if row.change == GONE:
        return _fate(row.fate) or _("not needed")
    told = reasons.sentence(row.reason)
    if row.look_up:
        return _("{reason} (would be looked up)").format(reason=told)
    then = _fate(row.fate)
    return _("{reason} (then: {fate})").format(reason=told, fate=then) if then else told


def scores(row: Row) -> str:
    """Before and now, or one where they are the same."""
    known = (score for score in (row.score_before, row.score) if score is not None)
    return " → ".join(dict.fromkeys(floatformat(score, 3) for score in known))


def _fate(fate: str) -> str:
    code, _colon, _place = fate.partition(":")
    return str(FATES.get(code, code))
