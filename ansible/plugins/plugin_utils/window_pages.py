# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a window as Markdown and as one HTML page that needs nothing else. All texts are escaped here."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.quietus.systemd.plugins.plugin_utils import window_record

_REFUSED_NOTE = (
    "Starts refused are those that systemd refused at the gates while the units were being stopped. Later ones are not counted: "
    "a start of a masked unit is refused before systemd records anything."
)

_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"))

#: What Markdown would take for a mark in the middle of a line, and how a bare link begins.
_MARKS = "\\`*_{}[]|~#!"
_LINKS = (("://", "&#58;//"), ("www.", "www&#46;"))


def seconds(start, end):
    """The time between two moments, for a person; empty where one of them is not known."""
    if not start or not end:
        return ""
    span = max(0.0, (end - start).total_seconds())
    if span < 60:
        return "{0:.1f} s".format(span)
    minutes, rest = divmod(int(round(span)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return "{0} h {1} min".format(hours, minutes)
    return "{0} min {1} s".format(minutes, rest)


def _clock(moment, full=False):
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC" if full else "%H:%M:%S") if moment else "-"


def _back(host):
    wanted = [unit for unit in host["units"] if unit["back"] is not None]
    if not wanted:
        return "-"
    return "{0} of {1}".format(sum(1 for unit in wanted if unit["back"]), len(wanted))


def _summary(record):
    return [
        ("Reason", record["reason"] or "-"),
        ("Held by", record["by"] or "-"),
        ("From", _clock(record["start"], True)),
        ("To", _clock(record["end"], True)),
        ("Lasted", seconds(record["start"], record["end"]) or "-"),
        ("Starts refused", str(record["refused"])),
    ]


def _endings(record):
    return [
        (ending, record["counts"][ending])
        for ending in window_record.ORDER
        if ending in record["counts"]
    ]


def _rows(record):
    """host, ending, from, to, release took, units back, refused."""
    for host in record["hosts"]:
        yield (
            host["host"],
            host["ending"],
            _clock(host["start"]),
            _clock(host["end"]),
            seconds(host["opened"], host["end"]) or "-",
            _back(host),
            str(host["refused"]),
        )


_HEADS = ("Host", "Outcome", "Held from", "Up again", "Release took", "Units back", "Refused")


# Markdown


def _md(text):
    """The text, with nothing in it that Markdown or HTML would take for its own."""
    text = "".join("\\" + c if c in _MARKS else c for c in text)
    for character, entity in _ESCAPES[:3] + _LINKS:
        text = text.replace(character, entity)
    return text


def markdown(record):
    """:returns: the record as text."""
    lines = ["# Maintenance window", ""]
    lines.extend("- {0}: {1}".format(name, _md(value)) for name, value in _summary(record))
    lines.extend("- Hosts, {0}: {1}".format(ending, number) for ending, number in _endings(record))
    lines += ["", "| " + " | ".join(_HEADS) + " |", "| " + " | ".join(["---"] * len(_HEADS)) + " |"]
    lines.extend("| " + " | ".join(_md(cell) for cell in row) + " |" for row in _rows(record))
    problems = [host for host in record["hosts"] if host["problems"]]
    if problems:
        lines += ["", "## What failed", ""]
        for host in problems:
            lines.extend(
                "- {0}: {1}".format(_md(host["host"]), _md(text)) for text in host["problems"]
            )
            if host["lease"]:
                lines.append(
                    "- {0}: its lease ends at {1}".format(
                        _md(host["host"]), _clock(host["lease"], True)
                    )
                )
    lines += [
        "",
        "## Units",
        "",
        "| Host | Unit | Role | Before | After |",
        "| --- | --- | --- | --- | --- |",
    ]
    for host in record["hosts"]:
        for unit in host["units"]:
            after = unit["after"] or "-"
            if unit["back"] is False:
                after += " NOT BACK"
            cells = (host["host"], unit["unit"], unit["role"], unit["before"] or "-", after)
            lines.append("| " + " | ".join(_md(cell) for cell in cells) + " |")
    return "\n".join(lines + ["", _REFUSED_NOTE, ""])


# HTML


def _e(text):
    for character, entity in _ESCAPES:
        text = text.replace(character, entity)
    return text


_STYLE = """
:root{--ink:#1c2530;--soft:#5b6875;--line:#dfe4ea;--bad:#b3261e;--warn:#96600a;--good:#1d6b3c;--down:#3f5f8a;--move:#a9bcd6}
*{box-sizing:border-box}body{margin:0;background:#f4f6f8;color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 24px 48px}h1{font-size:25px;margin:0 0 2px}h2{font-size:17px;margin:32px 0 10px}
.reason{color:var(--soft);margin:0 0 20px;overflow-wrap:anywhere}
.card{background:#fff;border:1px solid var(--line);border-radius:8px;padding:16px 18px;overflow-x:auto}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px 24px}.facts dt{color:var(--soft);font-size:12.5px}
.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}dl{margin:0}ul{margin:0;padding-left:20px}li{overflow-wrap:anywhere;margin:3px 0}
table{border-collapse:collapse;width:100%;font-size:14px}th{text-align:left;color:var(--soft);font-weight:600;font-size:12.5px}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}tr:last-child td{border-bottom:0}
td.n,th.n{text-align:right;white-space:nowrap}.bad{color:var(--bad);font-weight:600}.warn{color:var(--warn);font-weight:600}
.good{color:var(--good);font-weight:600}
.pill{display:inline-block;border-radius:99px;padding:2px 12px;margin:0 8px 6px 0;border:1px solid currentColor;font-size:13.5px}
svg{display:block;width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg .tick{fill:var(--soft);font-size:11px}
.key{color:var(--soft);font-size:13px;margin:10px 0 0}
.key i{display:inline-block;width:12px;height:12px;border-radius:3px;margin:0 6px 0 14px;vertical-align:-1px}
.note{color:var(--soft);font-size:13px;margin-top:24px}@media print{body{background:#fff}.card{border:0;padding:0}}
"""

_CLASS = {
    window_record.STILL_HELD: "bad",
    window_record.NOT_WHOLE: "bad",
    window_record.FAILED: "warn",
    window_record.NOT_RUN: "warn",
    window_record.NOT_HELD: "warn",
    window_record.NOT_REACHED: "warn",
    window_record.RELEASED: "good",
}

_DOWN, _MOVE, _OPEN = "#3f5f8a", "#a9bcd6", "#b3261e"
_LEFT, _WIDTH, _ROW, _TOP = 190, 1040, 24, 26


def page(record):
    """:returns: the record as one HTML page without scripts and without anything to be fetched."""
    facts = "".join(
        "<div><dt>{0}</dt><dd>{1}</dd></div>".format(_e(name), _e(value))
        for name, value in _summary(record)[1:]
    )
    pills = "".join(
        '<span class="pill {0}">{1} {2}: {3}</span>'.format(
            _CLASS[ending], number, "host" if number == 1 else "hosts", _e(ending)
        )
        for ending, number in _endings(record)
    )
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        "<title>Maintenance window: {0}</title><style>{1}</style></head><body><main>".format(
            _e(record["reason"]), _STYLE
        ),
        '<h1>Maintenance window</h1><p class="reason">{0}</p><p>{1}</p>'.format(
            _e(record["reason"]), pills
        ),
        '<dl class="card facts">{0}</dl>'.format(facts),
        _failures(record),
        _time_line(record),
        _hosts(record),
        _units(record),
        '<p class="note">{0} Times are those of the controller, in UTC.</p></main></body></html>\n'.format(
            _e(_REFUSED_NOTE)
        ),
    ]
    return "\n".join(part for part in parts if part)


def _failures(record):
    items = []
    for host in record["hosts"]:
        texts = list(host["problems"])
        if host["lease"]:
            texts.append("its lease ends at " + _clock(host["lease"], True))
        items.extend("<li><b>{0}</b> {1}</li>".format(_e(host["host"]), _e(one)) for one in texts)
    if not items:
        return ""
    return '<h2>What failed</h2><div class="card"><ul>{0}</ul></div>'.format("".join(items))


def _hosts(record):
    rows = []
    for host, cells in zip(record["hosts"], _rows(record)):
        kind = _CLASS[host["ending"]]
        row = "<td>{0}</td><td class={1}>{2}</td>".format(_e(cells[0]), kind, _e(cells[1]))
        row += "".join('<td class="n">{0}</td>'.format(_e(cell)) for cell in cells[2:])
        rows.append("<tr>{0}</tr>".format(row))
    heads = "".join(
        "<th{0}>{1}</th>".format(' class="n"' if i > 1 else "", head)
        for i, head in enumerate(_HEADS)
    )
    return '<h2>Hosts</h2><div class="card"><table><tr>{0}</tr>{1}</table></div>'.format(
        heads, "".join(rows)
    )


def _units(record):
    rows = []
    for host in record["hosts"]:
        for unit in host["units"]:
            after = _e(unit["after"] or "-")
            if unit["back"] is False:
                after = '<span class="bad">{0}, not back</span>'.format(after)
            rows.append(
                "<tr><td>{0}</td><td>{1}</td><td>{2}</td><td>{3}</td><td>{4}</td></tr>".format(
                    _e(host["host"]),
                    _e(unit["unit"]),
                    _e(unit["role"]),
                    _e(unit["before"] or "-"),
                    after,
                )
            )
    if not rows:
        return ""
    return (
        '<h2>Units</h2><div class="card"><table><tr><th>Host</th><th>Unit</th><th>Role</th>'
        "<th>Before</th><th>After</th></tr>{0}</table></div>".format("".join(rows))
    )


def _time_line(record):
    """One bar for each host: the stop, the time it was down, the release."""
    start = record["start"]
    last = [
        moment
        for host in record["hosts"]
        for moment in (host["down"], host["opened"], host["end"])
        if moment
    ]
    if not start or not last or max(last) <= start:
        return ""
    whole = (max(last) - start).total_seconds()

    def x(moment):
        return _LEFT + (_WIDTH - _LEFT - 12) * (moment - start).total_seconds() / whole

    shown = [host for host in record["hosts"] if host["start"]]
    height = _TOP + _ROW * len(shown) + 8
    parts = []
    for i in range(5):
        at = start + (max(last) - start) * i / 4
        parts.append(
            '<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" stroke="#dfe4ea"/>'.format(
                x(at), _TOP - 6, height - 4
            )
        )
        parts.append(
            '<text class="tick" x="{0:.1f}" y="12" text-anchor="{1}">{2}</text>'.format(
                x(at), ("start", "middle", "middle", "middle", "end")[i], _clock(at)
            )
        )
    for row, host in enumerate(shown):
        y = _TOP + _ROW * row
        name = host["host"] if len(host["host"]) <= 26 else host["host"][:25] + "\u2026"
        parts.append('<text x="0" y="{0}">{1}</text>'.format(y + 14, _e(name)))
        marks = (host["start"], host["down"], host["opened"], host["end"])
        for begin, end, colour in zip(marks, marks[1:], (_MOVE, _DOWN, _MOVE)):
            if begin and end and end >= begin:
                parts.append(_bar(x(begin), x(end), y, colour))
        if not host["end"]:  # from the last that is known of it to the right edge
            known = [mark for mark in marks if mark][-1]
            parts.append(_bar(x(known), _WIDTH - 12, y, _OPEN))
    return (
        '<h2>Time line</h2><div class="card"><svg viewBox="0 0 {0} {1}" role="img" aria-label="Time line of the hosts">'
        '{2}</svg><p class="key"><i style="background:{3}"></i>being stopped or started'
        '<i style="background:{4}"></i>down<i style="background:{5}"></i>not released</p></div>'.format(
            _WIDTH, height, "".join(parts), _MOVE, _DOWN, _OPEN
        )
    )


def _bar(left, right, y, colour):
    return '<rect x="{0:.1f}" y="{1}" width="{2:.1f}" height="14" rx="2" fill="{3}"/>'.format(
        left, y + 3, max(1.5, right - left), colour
    )
