"""What the admin's page of a what-if shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from playlists import whatif_words
from playlists.models import PlaylistRun
from playlists.whatif import GONE, KEPT, NEW, NothingToReplay, compare
from playlists.whatif_form import FIELDS, WhatIfForm

CHANGES = {KEPT: _("kept"), NEW: _("new on the list"), GONE: _("gone")}


def shown(request: HttpRequest, run: PlaylistRun, context: Mapping[str, Any]) -> HttpResponse:
    return render(request, "admin/whatif.html", {**context, **facts(run, request.GET)})


def facts(run: PlaylistRun, asked: Mapping[str, str]) -> dict[str, Any]:
    """`asked`: of the page's address; without any setting the list is compared with itself."""
    form = WhatIfForm({name: asked.get(name, "") for name in FIELDS})
    page = {"title": _("What if"), "subtitle": str(run), "run": run, "form": form}
    if not form.is_valid():
        return page
    try:
        difference = compare(run, form.changes)
    except NothingToReplay as nothing:
        return page | {"refusal": whatif_words.refusal(run, nothing.code)}
    return page | {
        "difference": difference,
        "summary": list(whatif_words.summary(difference)),
        "settings": whatif_words.settings(difference),
        "rows": [
            (row, CHANGES[row.change], whatif_words.remark(row), whatif_words.scores(row)) for row in difference.rows
        ],
    }
