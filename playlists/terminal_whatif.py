"""A what-if as a person at a terminal sees it: what changed, the list as it would be, what is gone."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from playlists import whatif_words
from playlists.whatif import GONE, NEW, Difference, Row

MARKS = {NEW: "+", GONE: "-"}


def show(console: Console, difference: Difference) -> None:
    for name, before, after in whatif_words.settings(difference):
        changed = f"{before} → {after}" if before != after else before
        console.print(f"{name}: {changed}", markup=False, highlight=False, style="" if before != after else "dim")
    console.print()
    console.print(_rows(difference))
    console.print()
    for line in whatif_words.summary(difference):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _rows(difference: Difference) -> Table:
    table = Table("", _("#"), _("was"), _("Track, and why"), _("Score"), box=None, pad_edge=False, header_style="bold")
    for row in difference.rows:
        cells = MARKS.get(row.change, ""), _place(row.place), _place(row.was), _what(row), whatif_words.scores(row)
        table.add_row(*cells, style={NEW: "green", GONE: "red"}.get(row.change, ""))
    return table


def _what(row: Row) -> str:
    mark = "" if row.is_new else " ↺"
    why = escape(whatif_words.remark(row))
    return f"{escape(row.artists)} [bold]{escape(row.name)}[/bold]{mark}\n[dim]{why}[/dim]"


def _place(place: int | None) -> str:
    return "" if place is None else str(place)
