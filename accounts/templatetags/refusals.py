"""For the messages that say why an account was not linked."""

from __future__ import annotations

from django import template

from accounts.refusals import REFUSALS

register = template.Library()


@register.filter
def refusal(code: str) -> str:
    return str(REFUSALS[code][0])


@register.filter
def remedy(code: str) -> str:
    return str(REFUSALS[code][1])
