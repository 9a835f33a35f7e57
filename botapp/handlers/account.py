"""The listener's own data: read anew, brought back, kept, taken along and deleted."""

from __future__ import annotations

from botapp.turn import Turn, button


@button("never_mind", everybody=True)
def never_mind(turn: Turn) -> None:
    """No, to whatever was asked."""
    turn.say("nothing_changed", edit=True)
