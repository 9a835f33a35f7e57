from __future__ import annotations

from django.contrib import admin

from botapp.models import HandledUpdate
from vibe.clients.admin import ReadOnlyAdmin


@admin.register(HandledUpdate)
class HandledUpdateAdmin(ReadOnlyAdmin):
    list_display = ("update_id", "handled_at")
    ordering = ("-handled_at",)
