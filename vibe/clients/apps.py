from __future__ import annotations

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "vibe.clients"
    label = "clients"
    verbose_name = "Outside services"
