"""What a source is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recommendations.candidates import Found, Profile
from recommendations.questions import Conversation


@dataclass(frozen=True, slots=True)
class Source:
    name: str  # stored with every track it found; never renamed
    service: str  # whose answers it needs
    find: Callable[[Profile], Conversation[list[Found]]]
    capability: str = ""  # the route it needs that Spotify may have removed
    instead_of: str = ""  # it works only where this route is gone
