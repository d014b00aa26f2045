# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Bar charts as SVG, written by hand: the same figures give the same bytes."""

from xml.sax.saxutils import escape

from report.cases import GROUPS
from report.summary import BOUNDS, OWN, medians

WIDTH = 720
LABELS = 130  # left of the bars
VALUES = 110  # right of them
ROW = 22
HEAD = 26  # above each panel
TITLE = 34

COLOURS = {"own": "#c2410c", "peer": "#64748b", "bound": "#cbd5e1"}


def colour(name):
    return COLOURS["own" if name in OWN else "bound" if name in BOUNDS else "peer"]


def text(x, y, content, size=12, anchor="start", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">{escape(content)}</text>'


def panel(top, case, figures):
    """One case: a bar for each server, a line over it from the least to the most."""
    parts = [text(8, top + 17, case.title, 12, weight="bold")]
    scale = (WIDTH - LABELS - VALUES) / max(each.most for each in figures.values())
    for row, (name, each) in enumerate(figures.items()):
        y = top + HEAD + row * ROW
        middle = y + ROW / 2
        parts.append(text(LABELS - 8, middle + 4, name, 12, "end", "bold" if name in OWN else "normal"))
        length = max(1.0, each.median * scale)
        parts.append(f'<rect x="{LABELS}" y="{y + 3}" width="{length:.1f}" height="{ROW - 6}" fill="{colour(name)}"/>')
        if each.most > each.least:
            left, right = LABELS + each.least * scale, LABELS + each.most * scale
            ends = f"M{left:.1f} {middle - 4}v8M{right:.1f} {middle - 4}v8"
            parts.append(f'<path d="M{left:.1f} {middle}H{right:.1f}{ends}" stroke="#0f172a"/>')
        value = f"{each.median:,.{case.metric.digits}f} {case.metric.unit}"
        parts.append(text(LABELS + max(each.most, each.median) * scale + 6, middle + 4, value, 11))
    return parts, HEAD + len(figures) * ROW + 8


def chart(group, cases, results):
    """The SVG of a group's cases, or None where nothing was measured."""
    parts = [text(8, 22, GROUPS[group], 14, weight="bold")]
    top = TITLE
    for case in cases:
        figures = medians(results.get(case.name, {}), case.metric.key) if case.group == group else {}
        if figures:
            drawn, height = panel(top, case, figures)
            parts += drawn
            top += height
    if top == TITLE:
        return None
    size = f'width="{WIDTH}" height="{top}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" fill="#0f172a">'
    return "\n".join([opening, f'<rect {size} fill="#ffffff"/>', *parts, "</svg>"]) + "\n"
