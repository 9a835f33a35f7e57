"""What kind of machine a host names: this one, one of the home, or one that anybody finds."""

from __future__ import annotations

from ipaddress import ip_address


def is_here(host: str) -> bool:
    """Whether the address means the machine that Daily Vibe runs on, wherever it is opened."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_for_a_button(host: str) -> bool:
    """Telegram refuses a message with a button to such a host: this machine, or a name of the home network."""
    return not is_here(host) and ("." in host or ":" in host)
