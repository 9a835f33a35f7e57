"""The checks by name. A new one is a module with a function, and a line here."""

from __future__ import annotations

from collections.abc import Callable

from playlists.tests.chaos.aside import aside
from playlists.tests.chaos.doors import doors
from playlists.tests.chaos.field import Field
from playlists.tests.chaos.modes import modes
from playlists.tests.chaos.outside import outside
from playlists.tests.chaos.points import points
from playlists.tests.chaos.poison import poison
from playlists.tests.chaos.soak import soak
from playlists.tests.chaos.verdict import Row
from playlists.tests.chaos.zombie import zombie

# Each leaves the sandbox without faults.
CHECKS: dict[str, Callable[[Field, bool], list[Row]]] = {
    "points": points,
    "modes": modes,
    "zombie": zombie,
    "poison": poison,
    "doors": doors,
    "outside": outside,
    "soak": soak,
    **{name: aside(name) for name in ("group", "scale")},
    **{name: aside(name, in_short=False) for name in ("outage", "writers", "throughput", "thousand", "day")},
}
