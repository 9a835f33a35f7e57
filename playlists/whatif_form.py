"""The settings that a what-if may change, within bounds: of the command and of the admin's page alike."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import mix
from recommendations.sources import SOURCES

HEAVIEST = 10.0
NAMES = [source.name for source in SOURCES]
FIELDS = ("size", "ratio", "wild", "cooldown", "weights", "languages")


def weights(words: str) -> dict[str, float]:
    """ "source=1.2, source=0" by source. Raises ValidationError."""
    read = {}
    for part in filter(None, (part.strip() for part in words.split(","))):
        source, _equals, number = (word.strip() for word in part.partition("="))
        if source not in NAMES:
            told = _("There is no source %(name)s. There are: %(names)s.")
            raise ValidationError(told, params={"name": source[:40] or "-", "names": ", ".join(NAMES)})
        if source in read:
            raise ValidationError(_("The weight of %(name)s is given twice."), params={"name": source})
        read[source] = _weight(source, number)
    return read


def _weight(source: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not 0 <= weight <= HEAVIEST:
        told = _("The weight of %(name)s is a number from 0 to %(most)d, as in: %(name)s=1.2")
        raise ValidationError(told, params={"name": source, "most": HEAVIEST})
    return weight


class WhatIfForm(forms.Form):
    """What is left empty stays as it was."""

    size = forms.IntegerField(label=_("Tracks"), min_value=1, max_value=100, required=False)
    ratio = forms.FloatField(label=_("At least new, 0 to 1"), min_value=0, max_value=1, required=False)
    wild = forms.IntegerField(label=_("Wildness, 0 to 10"), min_value=0, max_value=10, required=False)
    cooldown = forms.IntegerField(label=_("Days until a track may return"), min_value=0, max_value=3650, required=False)
    weights = forms.CharField(
        label=_("Weights of sources"), max_length=500, required=False,
        widget=forms.TextInput(attrs={"placeholder": "lastfm_similar_tracks=1.5"}),
    )  # fmt: skip
    languages = forms.CharField(
        label=_("Languages"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"placeholder": "ru 40 en 50 other 10"}),
    )  # fmt: skip

    def clean_weights(self) -> dict[str, float]:
        return weights(self.cleaned_data["weights"])

    def clean_languages(self) -> str:
        words: str = self.cleaned_data["languages"]
        if words:
            mix.validate(words)
        return mix.read(words) if words else ""

    @property
    def changes(self) -> dict[str, Any]:
        """Of a valid form: those that were given."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", {})}
