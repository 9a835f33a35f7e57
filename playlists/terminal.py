"""A run as a person at a terminal sees it: the steps while it goes, then the tracks and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from playlists import notes
from playlists.models import PlaylistRun
from recommendations.recommend import Progress

STEPS = {
    "connecting": "signing in at Spotify",
    "library": "reading likes",
    "plays": "reading plays",
    "asking": "asking the sources",
    "candidates": "merging what they found",
    "selecting": "choosing",
    "resolving": "looking names up at Spotify",
    "writing": "writing the playlist",
    "done": "done",
}


@contextmanager
def watching(console: Console) -> Iterator[Progress]:
    """Shows the current step with its counts; on anything but a terminal it stays quiet."""
    with console.status("…") as status:

        def progress(step: str, **counts: object) -> None:
            details = ", ".join(f"{count} {name}" for name, count in counts.items())
            status.update(f"{STEPS.get(step, step)} {details and f'({details})'}")

        yield progress


def show(console: Console, run: PlaylistRun) -> None:
    """The tracks with source and reason, then novelty, calls, seconds a step and the link."""
    console.print(_tracks(run))
    console.print(
        _("New: {achieved:.0%} (asked for at least {asked:.0%}), {new} of {total}").format(
            achieved=run.novelty or 0, asked=run.min_new_ratio, new=run.new, total=run.total
        )
    )
    for rule in run.relaxations:
        console.print(_("Gave way: {rule}").format(rule=notes.relaxation(rule)))
    for line in _report(run):
        console.print(line, style="dim")
    if run.dry_run:
        console.print(_("Dry run: nothing was written at Spotify or in the history."))
    else:
        console.print(f"{run.playlist_name}: {run.playlist_url}", soft_wrap=True)


def _tracks(run: PlaylistRun) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("#", _("Artists"), _("Track"), _("Source"), _("Reason")):
        table.add_column(heading, overflow="fold")
    for track in run.tracks.all():
        mark = "" if track.is_new_to_bot else " ↺"
        table.add_row(f"{track.position}{mark}", track.artists, track.name, track.source, track.why)
    return table


def _report(run: PlaylistRun) -> Iterator[str]:
    likes = run.report.get("likes")
    if likes and not likes["complete"]:
        yield _("Likes: {read} of {total} read so far; the rest follows with the next runs.").format(**likes)
    if run.report.get("plays", {}).get("gap"):
        yield _("Some plays were missed since the last run: Spotify remembers only fifty.")
    for source in run.report.get("sources", ()):
        if source["errors"]:
            trouble = ", ".join(f"{code} ×{count}" for code, count in source["errors"].items())
            yield _("{source}: {answered} of {asked} answered ({trouble})").format(**source, trouble=trouble)
    calls = run.report.get("calls", {})
    yield _("Calls: {calls}").format(calls=", ".join(f"{name} {count}" for name, count in calls.items()) or "0")
    seconds = run.report.get("ms", {})
    yield _("Seconds: {steps}").format(steps=", ".join(f"{step} {ms / 1000:.1f}" for step, ms in seconds.items()))
