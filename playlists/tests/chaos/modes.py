"""kill -9 where a playlist is refilled in place, an old one is tidied away, or a leftover is swept."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from playlists.models import PlaylistRun
from playlists.tests.chaos import stages, verdict
from playlists.tests.chaos.field import Field
from playlists.tests.chaos.launcher import Order
from playlists.tests.chaos.points import finish
from playlists.tests.chaos.verdict import Outside, Row

LABELS = ("claimed", "planned", "filled", "finishing", "finished")


def modes(field: Field, short: bool) -> list[Row]:
    begun = time.monotonic()
    labels = LABELS[2:4] if short else LABELS
    killed, troubles = [], []
    for name in CHECKED:
        for label in labels:
            run = getattr(stages, name)(field)
            victim = field.start(Order("playlists.tasks:run", (run.pk,), at=label, signal=signal.SIGKILL))
            if victim.join() != -signal.SIGKILL:
                troubles.append(f"{name}: {label} was never reached")
            killed.append((name, label, run))
    troubles += finish(field, [run for _name, _label, run in killed])
    outside = Outside.look(field)
    for name, label, run in killed:
        run.refresh_from_db()
        troubles += [f"{name}, {label}: {trouble}" for trouble in CHECKED[name](run, outside)]
    happened = f"{len(killed)} kills while one was refilled in place, an old one tidied away, a leftover swept"
    return [Row("kill -9 in a standing playlist and while tidying", happened, time.monotonic() - begun, troubles)]


def _alone(run: PlaylistRun, outside: Outside) -> list[str]:
    """The new one is whole, and whatever his earlier runs left is out of the library."""
    earlier = PlaylistRun.objects.filter(user=run.user_id).exclude(pk=run.pk)
    left = [f"that of run {one.pk} is still there" for one in earlier if outside.followed(one)]
    return [*verdict.playlist_troubles(run, outside), *left]


CHECKED: dict[str, Callable[[PlaylistRun, Outside], list[str]]] = {
    "standing": verdict.standing_troubles,
    "untidy": _alone,
    "leftover": _alone,
}
