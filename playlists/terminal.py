"""A run as a person at a terminal sees it: the steps while it goes, then the tracks and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.utils.translation import gettext as _
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from playlists import promise, wishes
from playlists.course import STEPS
from playlists.models import PlaylistRun
from recommendations.recommend import Progress
from vibe.clients.services import SWITCHES


@contextmanager
def watching(console: Console) -> Iterator[Progress]:
    """Shows the current step with its counts; on anything but a terminal it stays quiet."""
    with console.status("…") as status:

        def progress(step: str, **counts: object) -> None:
            details = ", ".join(f"{name} {count}" for name, count in counts.items())
            status.update(escape(f"{STEPS.get(step, step)} {details and f'({details})'}"))

        yield progress


def show(console: Console, run: PlaylistRun) -> None:
    """The tracks with source and reason, then novelty, calls, seconds a step and the link."""
    if run.existing:
        console.print(_("Today's playlist was there already (--force makes another)."))
    console.print(_tracks(run))
    console.print()
    for line in _summary(run):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for line in _report(run):
        console.print(line, markup=False, highlight=False, style="dim")


def _tracks(run: PlaylistRun) -> Table:
    """Two lines a track, so that the reason is readable on a narrow terminal too."""
    table = Table(_("#"), _("Track, and why"), _("Source"), box=None, pad_edge=False, header_style="bold")
    for track in run.tracks.all():
        mark = "" if track.is_new_to_bot else "↺"
        what = f"{escape(track.artists)} [bold]{escape(track.name)}[/bold]\n[dim]{escape(track.why)}[/dim]"
        table.add_row(f"{track.position}{mark}", what, track.source)
    return table


def _summary(run: PlaylistRun) -> Iterator[str]:
    if run.steer:
        yield wishes.sentence(wishes.told(run))
    yield from promise.sentences(promise.figures(run))
    if run.dry_run:
        yield _("Dry run: nothing was written at Spotify or in the history.")
    else:
        yield f"{run.playlist_name}: {run.playlist_url}"


def _report(run: PlaylistRun) -> Iterator[str]:
    likes = run.report.get("likes")
    if likes and not likes["complete"]:
        yield _("Likes: {read} of {total} read so far; the rest follows with the next runs.").format(**likes)
    if run.report.get("plays", {}).get("gap"):
        yield _("Some plays were missed since the last run: Spotify remembers only fifty.")
    for source in run.report.get("sources", ()):
        if source["state"] == "off":
            setting = SWITCHES.get(source["source"].partition("_")[0], "")
            yield _("{source}: switched off ({setting})").format(**source, setting=setting)
        elif source["state"] == "gone" or source["errors"].keys() == {"gone"}:
            yield _("{source}: removed by Spotify for this app").format(**source)
        elif source["errors"]:
            trouble = ", ".join(f"{code} ×{count}" for code, count in source["errors"].items())
            yield _("{source}: {answered} of {asked} answered ({trouble})").format(**source, trouble=trouble)
    yield _("Calls: {calls}").format(calls=_counts(dict(sorted(run.report.get("calls", {}).items()))))
    # PostgreSQL keeps no order of keys.
    spent = run.report.get("ms", {})
    seconds = {step: f"{spent[step] / 1000:.1f}" for step in STEPS if step in spent}
    yield _("Seconds: {steps}").format(steps=_counts(seconds))


def _counts(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "0"
