"""Who is at the other end of a request, for the limits on how often."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

IPV6_HOUSEHOLD = 64  # bits; whoever has one address of such a network has all 2**64


def address(request: HttpRequest) -> str:
    """The visitor's IP address. Behind https it is what our own proxy added last; what stands before is hearsay."""
    told: str = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    for candidate in (told.rpartition(",")[2].strip(), request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ip_address(candidate))
        except ValueError:  # none, or a socket's, or with a port
            continue
    return ""


def network(request: HttpRequest) -> str:
    """The address as limits count it: IPv6 by what one subscriber has."""
    known = address(request)
    ip = ip_address(known) if known else None
    if isinstance(ip, IPv6Address) and not ip.ipv4_mapped:
        return str(IPv6Network((int(ip), IPV6_HOUSEHOLD), strict=False))
    return known
