# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All holds of an inventory as data and as a table. Pure functions; what hosts said is printed on one line each, cut and without control characters."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import datetime

from ansible_collections.quietus.systemd.plugins.module_utils import report

#: The narrowest and the widest table, in columns of a terminal.
NARROWEST = 80
WIDEST = 120

HEADS = ("host", "family", "held since", "lease", "by", "reason")
#: What a column keeps when the table is too wide.
LEAST = (12, 14, 10, 12, 10, 12)

_GAP = "  "
_LATEST = "9999"


def moment(text):
    """A point in time from ISO 8601 in UTC, as the agent writes it; None where it is none."""
    try:
        return datetime.datetime.strptime(str(text)[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return None


def span(seconds):
    """A time span of one or two units, such as ``3 h 20 min``."""
    seconds = int(seconds)
    for size, unit, smaller, name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            rest = seconds % size // smaller
            return "{0} {1}".format(seconds // size, unit) + (
                " {0} {1}".format(rest, name) if rest else ""
            )
    return "{0} min".format(seconds // 60) if seconds >= 60 else "{0} s".format(seconds)


def collect(found, now):
    """Who holds what.

    :arg found: (host, in_play, result of unit_family_info or None) for each host.
    :arg now: the present in UTC, without a zone.
    :returns: dict of ``holds`` (overdue leases first, then releases that were begun and not completed, then the oldest first),
      ``missing`` (the hosts that did not answer: host, msg, reached), ``asked`` (number of hosts that answered).
    """
    holds, missing, asked = [], [], 0
    for host, in_play, result in found:
        result = result if isinstance(result, dict) else {}
        reached = bool(in_play and result and not result.get("unreachable"))
        if not reached or result.get("failed"):
            text = report.printable(str(result.get("msg") or ""), 500).strip()
            missing.append(
                dict(
                    host=report.printable(host, 255),
                    reached=reached,
                    msg=text or ("no reason was given" if reached else "it was lost before"),
                )
            )
        else:
            asked += 1
            holds.extend(
                _hold(host, hold, now)
                for hold in result.get("holds") or []
                if isinstance(hold, dict)
            )
    holds.sort(
        key=lambda hold: (
            not hold["overdue"],
            hold["phase"] != "releasing",
            hold["lease"] or _LATEST if hold["overdue"] else "",
            hold["since"],
            hold["host"],
            hold["subject"],
        )
    )
    return dict(holds=holds, missing=missing, asked=asked)


def _hold(host, hold, now):
    taken = dict(
        (key, report.printable(str(hold.get(key) or ""), 500))
        for key in ("subject", "phase", "until", "since", "by", "reason", "release")
    )
    for key in ("owner", "token", "lease"):
        taken[key] = report.printable(str(hold[key]), 500) if hold.get(key) else None
    lease = moment(taken["lease"])
    taken["host"] = report.printable(host, 255)
    told = hold.get("overdue")  # by the host's own clocks
    taken["overdue"] = told if isinstance(told, bool) else bool(lease and lease < now)
    return taken


def table(data, now, width):
    """The lines of text for a person.

    :arg data: what ``collect`` returned.
    :arg width: columns of the terminal; the table keeps between NARROWEST and WIDEST.
    """
    width = max(NARROWEST, min(WIDEST, width))
    lines = []
    if data["holds"]:
        rows = [HEADS] + [_row(hold, now) for hold in data["holds"]]
        lines.extend(_laid_out(rows, width))
        lines.append("")
    overdue = sum(1 for hold in data["holds"] if hold["overdue"])
    count = len(data["holds"])
    lines.append(
        "{0} {1} on {2} {3}{4}.".format(
            count or "No",
            "hold" if count == 1 else "holds",
            data["asked"],
            "host" if data["asked"] == 1 else "hosts",
            ", {0} overdue".format(overdue) if overdue else "",
        )
    )
    for entry in data["missing"]:
        word = "Failed" if entry["reached"] else "Not reached"
        lines.extend(_cut("{0}: {1}: {2}".format(word, entry["host"], entry["msg"]), width))
    return lines


def _row(hold, now):
    since = moment(hold["since"])
    age = (
        span((now - since).total_seconds()) + " ago"
        if since and since <= now
        else hold["since"] or "-"
    )
    lease = moment(hold["lease"])
    if hold["overdue"]:
        late = bool(lease and lease < now)
        left = "OVERDUE" + (" " + span((now - lease).total_seconds()) if late else "")
    elif hold["phase"] == "releasing":
        left = "release not complete"
    elif lease:
        left = span(max(0, (lease - now).total_seconds())) + " left"
    else:
        left = hold["lease"] or ("until reboot" if hold["until"] == "reboot" else "none")
    return (hold["host"], hold["subject"], age, left, hold["by"] or "-", hold["reason"] or "-")


def _laid_out(rows, width):
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    room = width - len(_GAP) * (len(HEADS) - 1)
    while sum(widths) > room:
        spare = [one - least for one, least in zip(widths, LEAST)]
        widest = spare.index(max(spare))
        if spare[widest] <= 0:
            break
        widths[widest] -= 1
    cut = [[_cut(cell, size) for cell, size in zip(row, widths)] for row in rows]
    widths = [max(len(piece) for cells in cut for piece in cells[i]) for i in range(len(HEADS))]
    for cells in cut:
        for i in range(max(len(cell) for cell in cells)):
            line = _GAP.join(
                (cell[i] if i < len(cell) else "").ljust(size) for cell, size in zip(cells, widths)
            )
            yield line.rstrip()


def _cut(text, width):
    """The text in pieces of that width, at blanks where there are any."""
    pieces = []
    while len(text) > width:
        at = text.rfind(" ", 1, width + 1)
        if at < width // 2:
            pieces.append(text[:width])
            text = text[width:]
        else:
            pieces.append(text[:at])
            text = text[at + 1 :]
    pieces.append(text)
    return pieces
