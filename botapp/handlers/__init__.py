"""What the bot answers: a module a subject. Those imported here are those there are."""

from __future__ import annotations
