"""kill -9 at every labelled point; another process finishes what was begun."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence

from playlists.models import PlaylistRun
from playlists.request import order
from playlists.tests.chaos import verdict
from playlists.tests.chaos.field import LEASE, Child, Field
from playlists.tests.chaos.launcher import Order
from playlists.tests.chaos.verdict import Outside, Row

OF_THE_RUN = ("claimed", "planned", "intent", "creating", "created", "id_saved", "filled", "finishing", "finished")
OF_THE_MESSAGE = ("message_sending", "message_sent")
LABELS = (*OF_THE_RUN, *OF_THE_MESSAGE)
LAGS = (0.0, 0.5)  # seconds until a new playlist is listed
MARGIN = 5.0  # seconds beyond the lease


def points(field: Field, short: bool) -> list[Row]:
    return [_at_lag(field, lag, together=short) for lag in (LAGS[1:] if short else LAGS)]


def _at_lag(field: Field, lag: float, *, together: bool) -> Row:
    """`together`: all victims die first, so that their leases run out at the same time; quicker, and less exact."""
    begun = time.monotonic()
    field.sandbox.clear_faults()
    if lag:
        field.sandbox.fault("playlist_lag", seconds=lag, times=None)
    groups = [list(LABELS)] if together else [[label] for label in LABELS]
    troubles, slowest = [], 0.0
    for labels in groups:
        found, seconds = killed(field, labels)
        troubles += found
        slowest = max(slowest, seconds)
    field.sandbox.clear_faults()
    if slowest > LEASE + MARGIN and not together:
        troubles.append(f"recovered after {slowest:.1f} s")
    happened = f"{len(LABELS)} kills, recovered at most {slowest:.1f} s after (lease {LEASE:g} s)"
    return Row(f"kill -9 at each point, list lag {lag:g} s", happened, time.monotonic() - begun, troubles)


def killed(field: Field, labels: list[str]) -> tuple[list[str], float]:
    """What is wrong after a kill at each of the labels, each in a run of its own; seconds until all was well."""
    victims = [(label, *start(field, label, signal.SIGKILL)) for label in labels]
    troubles = [
        f"{label}: never reached ({victim.join()})"
        for label, _run, victim in victims
        if victim.join() != -signal.SIGKILL
    ]
    died = time.monotonic()
    troubles += finish(field, [run for _, run, _ in victims])
    seconds = time.monotonic() - died
    runs = {label: run for label, run, _ in victims}
    troubles += quiet_troubles(runs, field, labels.count("message_sent"))
    if (made := Outside.look(field).made(runs.values())) != len(runs):
        troubles.append(f"{made} playlists were created for {len(runs)} runs")  # even if the doubles are gone by now
    return troubles, seconds


def start(field: Field, label: str, number: int) -> tuple[PlaylistRun, Child]:
    """A new user's run in a child that sends itself the signal at the label."""
    run, _ = order(field.user(), trigger="nightly", now=field.now())
    return run, field.start(Order("playlists.tasks:run", (run.pk,), at=label, signal=number))


def finish(field: Field, runs: Sequence[PlaylistRun], *, hasty: bool = False) -> list[str]:
    """Lets another process end these runs and say their messages; what is wrong with how it did so."""
    return helped(helper(field, runs, hasty=hasty))


def helper(field: Field, runs: Sequence[PlaylistRun], *, hasty: bool = False) -> Child:
    return field.start(Order("playlists.tests.chaos.acts:recover", tuple(run.pk for run in runs), hasty=hasty))


def helped(worker: Child) -> list[str]:
    code = worker.join()
    if code == 0 and not worker.tracebacks:
        return []
    return [f"the second worker ended with {code}, {worker.tracebacks} tracebacks: {worker.last_words}"]


def quiet_troubles(runs: Mapping[str, PlaylistRun], field: Field, most_repeats: int) -> list[str]:
    """What is wrong with runs that each are the only one of their user, by where they were broken off."""
    outside = Outside.look(field)
    troubles = []
    for label, run in runs.items():
        run.refresh_from_db()
        found = [*verdict.playlist_troubles(run, outside), *verdict.history_troubles(run.user_id, [run])]
        troubles += [f"{label}: {trouble}" for trouble in found]
    return troubles + verdict.message_troubles(list(runs.values()), outside, most_repeats)
