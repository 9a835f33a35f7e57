from __future__ import annotations

from django.apps import AppConfig


class BotappConfig(AppConfig):
    name = "botapp"
