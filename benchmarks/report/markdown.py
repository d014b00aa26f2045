# Copyright (c) 2026 The harpia authors. Distributed under the Boost Software License, Version 1.0.
"""The figures as Markdown."""

from report.cases import GROUPS
from report.summary import OWN, figure, losses, medians, ratio, with_and_without

HEADS = {
    "messages_per_second": "messages/s",
    "resident_bytes_per_client": "resident, bytes",
    "server_private_bytes": "private in all, bytes",
    "received_bytes_per_message": "bytes on the wire",
    "drips": "drips in place",
    "latency_us_p50": "p50, µs",
    "latency_us_p90": "p90, µs",
    "latency_us_p99": "p99, µs",
    "latency_us_p99_9": "p99.9, µs",
    "latency_us_max": "max, µs",
}


def number(value, digits):
    return f"{value:,.{digits}f}"


def ranged(each, digits):
    if each.least == each.most:
        return number(each.median, digits)
    return f"{number(each.median, digits)} ({number(each.least, digits)} – {number(each.most, digits)})"


def case_table(case, places):
    figures = medians(places, case.metric.key)
    head = [case.title, f"{case.metric.unit}: median (range)", "harpia / this", *(HEADS[key] for key in case.further)]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for name, each in figures.items():
        against = ratio(figures, name)
        cells = [f"**{name}**" if name in OWN else name, ranged(each, case.metric.digits), "" if against is None else f"{against:.2f}"]
        for key in case.further:
            other = figure(places[name], key)
            cells.append(number(other.median, 0) if other else "")
        lines.append("| " + " | ".join(cells) + " |")
    for name, place in places.items():
        if place["errors"]:
            lines.append(f"\n{name} failed {len(place['errors'])} times: {place['errors'][0]}")
    return "\n".join(lines)


def comparison_table(case, places, places_without):
    """The medians of both cases and with over without, in the order of that for the 99th percentile."""
    keys = ("latency_us_p50", "latency_us_p99")
    compared = {key: with_and_without(places, places_without, key) for key in keys}
    head = [case.title]
    for key in keys:
        head += [f"{HEADS[key]}: with", "without", "with / without"]
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for name in compared[keys[-1]]:
        cells = [f"**{name}**" if name in OWN else name]
        for key in keys:
            with_it, without, value = compared[key][name]
            cells += [number(with_it, 0), number(without, 0), number(value, 2)]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [f"| {name} | failed |" + " |" * (len(head) - 2) for name in places if name not in compared[keys[-1]]]
    return "\n".join(lines)


def case_tables(case, results):
    tables = [case_table(case, results[case.name])]
    if case.without in results:
        tables.append(comparison_table(case, results[case.name], results[case.without]))
    return tables


def losing_section(cases, results):
    lines = ["### Where harpia loses", ""]
    found = losses(cases, results)
    if not found:
        return "\n".join([*lines, "In no case of this run did a peer need less."])
    lines.append("Every case in which the best peer needs less than harpia, the worst first:\n")
    for case, best, value, overlap in sorted(found, key=lambda each: -each[2]):
        doubt = "; the ranges overlap" if overlap else ""
        lines.append(f"- {GROUPS[case.group].partition(':')[0]}, {case.title}: {value:.2f} times {best}'s {case.metric.unit}{doubt}")
    return "\n".join(lines)


def figures_section(document, cases, plots):
    """Everything between the markers. `plots` is {group: path relative to docs}."""
    results, settings = document["results"], document["settings"]
    machine = document["machine"]
    parts = [
        f"Measured on {machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}; load average before: "
        f"{machine['load average before']}. {settings['rounds']} rounds of {settings['seconds']:g} s after {settings['warm_up']:g} s "
        "of warm-up; less is better everywhere, and the ratio is harpia's median over the other's.",
        "\n".join(f"- {name}: {about}" for name, about in document["servers"].items()),
        losing_section(cases, results),
    ]
    for group, title in GROUPS.items():
        present = [case for case in cases if case.group == group and medians(results.get(case.name, {}), case.metric.key)]
        if not present:
            continue
        parts.append(f"### {title}")
        if group in plots:
            parts.append(f"![{title}]({plots[group]})")
        parts += [table for case in present for table in case_tables(case, results)]
    return "\n\n".join(parts) + "\n"


def replace_section(text, section, name="figures"):
    """`text` with what stands between the markers of that name replaced."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found, rest = text.partition(begin)
    _, found_too, after = rest.partition(end)
    if not found or not found_too:
        raise ValueError(f"there is no {begin} … {end}")
    return f"{before}{begin}\n\n{section}\n{end}{after}"
