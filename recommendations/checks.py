"""What is wrong with the settings of the recommendations: `manage.py check`, and before every other command."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from recommendations import artificial


@register()
def artificial_artists(**_: Any) -> list[CheckMessage]:
    try:
        artificial.read()
    except (OSError, ValueError) as error:
        hint = "Name a file of UTF-8 text that this user may read, or leave the setting out."
        problem = f"ARTIFICIAL_ARTISTS_FILE can't be read ({type(error).__name__})."
        return [Error(problem, hint, id="recommendations.E001")]
    return []
