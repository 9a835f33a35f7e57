from __future__ import annotations

import gc

from django.apps import AppConfig


class VibeConfig(AppConfig):
    name = "vibe"
    verbose_name = "Daily Vibe"

    def ready(self) -> None:
        from vibe import checks, checks_bot  # noqa: F401  (registers the system checks)

        gc.freeze()
        gc.enable()  # manage.py has disabled it
