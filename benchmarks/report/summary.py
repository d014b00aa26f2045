# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""Medians, ranges, ratios, and where harpia loses."""

from dataclasses import dataclass
from statistics import median

BOUNDS = {"floor"}  # no server that could take harpia's place
OWN = {"harpia", "harpia 2 loops"}


@dataclass(frozen=True)
class Figure:
    median: float
    least: float
    most: float


def figure(place, key):
    """Over the runs of one server in one case; None if there are none."""
    values = [run[key] for run in place["runs"] if key in run]
    return Figure(median(values), min(values), max(values)) if values else None


def medians(places, key):
    """{server: Figure}, the least first."""
    found = {name: figure(place, key) for name, place in places.items()}
    return dict(sorted(((name, each) for name, each in found.items() if each), key=lambda pair: pair[1].median))


def ratio(figures, peer):
    """harpia's median over the peer's: below 1, harpia needs less. None where either is missing."""
    if "harpia" not in figures or peer not in figures or figures[peer].median <= 0:
        return None
    return figures["harpia"].median / figures[peer].median


def with_and_without(places, places_without, key):
    """{server: (median, median without, their ratio)} of the servers that have both, the least ratio first."""
    both = {name: (figure(place, key), figure(places_without.get(name, {"runs": []}), key)) for name, place in places.items()}
    found = {name: (each.median, other.median, each.median / other.median) for name, (each, other) in both.items() if each and other}
    return dict(sorted(found.items(), key=lambda pair: pair[1][2]))


def losses(cases, results):
    """[(case, best peer, ratio, whether the ranges overlap)] for each case where a peer needs less than harpia."""
    found = []
    for case in cases:
        figures = medians(results.get(case.name, {}), case.metric.key)
        peers = [name for name in figures if name not in BOUNDS | OWN]
        if not peers or "harpia" not in figures:
            continue
        best = peers[0]
        value = ratio(figures, best)
        if value is not None and value > 1:
            found.append((case, best, value, figures["harpia"].least <= figures[best].most))
    return found
