"""What can go wrong with an outside service, in the words the job decides by.

No message ever holds a URL, a token or a vendor's text: errors are stored and shown.
"""

from __future__ import annotations

from datetime import datetime

# Faults of the installation that its operator must mend: no run can do anything about them.
INSTALLATION = frozenset({"premium", "bad_credentials", "bad_key"})


class ServiceError(Exception):
    """A call failed. `permanent` means that asking again the same way cannot help."""

    def __init__(self, service: str, code: str, *, permanent: bool = False, status: int = 0) -> None:
        super().__init__(f"{service}: {code}" + (f" ({status})" if status else ""))
        self.service, self.code, self.permanent, self.status = service, code, permanent, status


class NeedsReconnect(ServiceError):
    """The user's consent is gone: only a new sign-in helps."""

    def __init__(self, service: str = "spotify", code: str = "needs_reconnect") -> None:
        super().__init__(service, code, permanent=True)


class RateLimited(ServiceError):
    """The service is blocked for everybody until `until` (UTC): the one error that means "not before".

    `code`: rate_limited, quota_exceeded, service_down (its calls kept failing), or one of `INSTALLATION`.
    """

    def __init__(self, service: str, until: datetime, code: str = "rate_limited") -> None:
        super().__init__(service, code, permanent=code in INSTALLATION, status=429)
        self.until = until


class QuotaExceeded(RateLimited):
    """The day's quota is used up; hours, not seconds."""

    def __init__(self, service: str, until: datetime) -> None:
        super().__init__(service, until, "quota_exceeded")


def not_before(service: str, until: datetime, code: str) -> RateLimited:
    """The block that `code` names, as it was when it was met; "" (an operator's own) reads as a rate limit."""
    if code == "quota_exceeded":
        return QuotaExceeded(service, until)
    return RateLimited(service, until, code) if code else RateLimited(service, until)


class Gone(ServiceError):
    """The service removed this route for our kind of app."""

    def __init__(self, service: str, capability: str, status: int = 403) -> None:
        super().__init__(service, "gone", permanent=True, status=status)
        self.capability = capability


class NotAllowed(ServiceError):
    """403 with a cause a person must mend. `kind`: not_registered, premium, scope."""

    def __init__(self, service: str, kind: str) -> None:
        super().__init__(service, kind, permanent=True, status=403)
        self.kind = kind


class TokenExpired(ServiceError):
    """401: this access token is not taken (any more); a fresh one may be."""

    def __init__(self, service: str) -> None:
        super().__init__(service, "token_expired", status=401)
