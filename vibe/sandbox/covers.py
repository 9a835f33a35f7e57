"""The pretend albums' covers, drawn from nothing but the album's id."""

from __future__ import annotations

import hashlib


def drawn(name: str) -> str:
    """An SVG, for one name always the same; any name has one. `name`: `<album>-<width>.svg`."""
    digest = hashlib.sha256(name.rpartition("-")[0].encode()).digest()
    hue, other = digest[0] * 360 // 256, (digest[0] * 360 // 256 + 40 + digest[1]) % 360
    x, y, radius = 8 + digest[2] % 48, 8 + digest[3] % 48, 10 + digest[4] % 22
    bars = "".join(
        f'<rect x="{4 + 8 * place}" y="{60 - digest[5 + place] % 36}" width="5" height="{digest[5 + place] % 36}"/>'
        for place in range(7)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect width="64" height="64" fill="hsl({hue} 45% 32%)"/>'
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="hsl({other} 70% 62%)"/>'
        f'<g fill="hsl({other} 60% 84%)" opacity=".75">{bars}</g></svg>'
    )
