"""A figure of the admin's first page."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils import formats


class Figure(NamedTuple):
    """`rows`: how many the link leads to; they are the figure, or what it is the mean or the sum of."""

    shown: Any
    link: str
    rows: int


def percent(share: float) -> str:
    # Rounded first: Django cuts off.
    return f"{formats.number_format(round(100 * share, 1), 1)} %"
