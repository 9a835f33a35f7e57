"""Labelled points of the job at which the chaos harness may kill or stop the process; nothing otherwise."""

from __future__ import annotations


def here(_label: str) -> None:
    """The harness replaces this function in the processes it starts; a call costs next to nothing."""
