"""Django's cache, which nothing here may depend on: where it is away, what it would have told is asked instead."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.core.cache import cache

logger = logging.getLogger(__name__)
Found = TypeVar("Found")


def or_asked(key: str, ask: Callable[[], Found], seconds: int) -> Found:
    """What `ask` answered within the last `seconds`, or answers now. Raises as `ask`, whose answer is never None."""
    with optional():
        known: Found | None = cache.get(key)
        if known is not None:
            return known
    found = ask()
    with optional():
        cache.set(key, found, seconds)
    return found


def trouble() -> type[Exception]:
    """What a cache that is away raises. Asked only once something was raised: Redis takes long to load."""
    from redis.exceptions import RedisError

    return RedisError


@contextmanager
def optional() -> Iterator[None]:
    """Leaves the rest of the block out where the cache is away, and says so in the log."""
    try:
        yield
    except trouble() as error:
        logger.warning("the cache cannot be used (%s)", type(error).__name__)
