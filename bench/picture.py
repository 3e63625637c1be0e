"""The numbers as a picture: one SVG, drawn by hand, readable on light and on dark pages."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, ROW, LEFT = 720, 26, 190
COLOURS = ("#3b6fb6", "#c2562d", "#4a8f4a")
LINES = ("opening a call", "a step", "four searches")


def draw(ratios: Mapping[str, float], grown: Sequence[tuple[float, ...]]) -> str:
    """Bars for `ratios` against the yardstick, and below them lines of ms by number of tickets."""
    top = 40 + ROW * len(ratios)
    height = top + 300
    parts = [*_bars(ratios), *_lines(grown, top + 50, 200)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13" fill="#777">\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _text(x: float, y: float, said: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(said)}</text>'


def _bars(ratios: Mapping[str, float]) -> list[str]:
    most = max(ratios.values())
    made = [_text(10, 18, "Requests a second, against a bare Flask view in the same run")]
    for place, (name, ratio) in enumerate(ratios.items()):
        y, width = 30 + ROW * place, ratio / most * (WIDTH - LEFT - 60)
        colour = COLOURS[1] if place == 0 else COLOURS[0]
        made.append(f'<rect x="{LEFT}" y="{y}" width="{width:.0f}" height="18" fill="{colour}"/>')
        made.append(_text(LEFT - 8, y + 14, name, "end"))
        made.append(_text(LEFT + width + 6, y + 14, f"{ratio:.2f}"))
    return made


def _lines(grown: Sequence[tuple[float, ...]], top: float, height: float) -> list[str]:
    most = max(max(times) for _, *times in grown)
    first, last = (math.log10(grown[at][0]) for at in (0, -1))
    across = WIDTH - 120

    def x(size: float) -> float:
        return 60 + (math.log10(size) - first) / max(last - first, 1) * across

    def y(ms: float) -> float:
        return top + height * (1 - ms / most)

    made = [_text(10, top - 18, f"Median ms by number of tickets (up to {most:.1f} ms)")]
    made.append(f'<path d="M60 {top}V{top + height}H{60 + across}" fill="none" stroke="#999"/>')
    made += [_text(x(size), top + height + 18, f"{size:,}", "middle") for size, *_ in grown]
    for place, name in enumerate(LINES):
        points = " ".join(f"{x(row[0]):.0f},{y(row[place + 1]):.0f}" for row in grown)
        drawn = f'fill="none" stroke="{COLOURS[place]}" stroke-width="2"'
        made.append(f'<polyline points="{points}" {drawn}/>')
        made.append(
            f'<text x="{80 + place * 150}" y="{top + height + 40}" fill="{COLOURS[place]}">'
            f"{escape(name)}</text>"
        )
    return made
