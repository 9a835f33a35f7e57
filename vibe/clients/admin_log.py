"""Who of the staff did what: kept a year, and so longer than some of those to whom it was done."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin


class NamelessLog(ModelAdmin):
    """Logs kind and number of a row where Django would log what it is called, such as somebody's Telegram id."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return _nameless([super().log_addition(request, obj, message)])[0]

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        return _nameless([super().log_change(request, obj, message)])[0]

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[LogEntry]:
        return _nameless(super().log_deletions(request, queryset))


def _nameless(entries: Iterable[LogEntry]) -> list[LogEntry]:
    entries = list(entries)
    for entry in entries:
        entry.object_repr = f"{entry.content_type.model} {entry.object_id}" if entry.content_type else ""
        entry.save(update_fields=["object_repr"])
    return entries
