# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a maintenance window: from what the hosts returned to values. Pure functions; window_pages.py writes them down.

For each host there are the results of the task that held the units and of the task that released them, as ``unit_family`` and Ansible
return them, and whether the tasks in between ended. A text from a host ends up on one line, cut, without control characters.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import datetime

from ansible_collections.quietus.systemd.plugins.module_utils import report

MAX_MSG = 1000
MAX_NAME = 255

#: How a host's window ended, in the order in which a reader wants to know.
STILL_HELD = "may still be held"
NOT_HELD = "was not held"
NOT_WHOLE = "released before its end"
FAILED = "released, the tasks failed"
NOT_RUN = "released, the tasks did not run"
RELEASED = "released"
NOT_REACHED = "did not take part"
ORDER = (STILL_HELD, NOT_WHOLE, FAILED, NOT_HELD, NOT_REACHED, NOT_RUN, RELEASED)

_UP = ("active", "activating", "reloading", "refreshing")


def moment(text):
    """A point in time from ISO 8601 in UTC, with or without a fraction; None where it is none."""
    text = str(text).rstrip("Z")
    for form in ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S"):
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def with_lost(found, loop):
    """The same with the releases of hosts that the play had lost, which another task released in a loop.

    :arg loop: the registered result of that task.
    """
    releases = dict(
        (one.get("item"), one) for one in _list(loop if isinstance(loop, dict) else {}, "results")
    )
    return [
        (host, in_play, [hold, releases.get(host, release), ended])
        for host, in_play, (hold, release, ended) in found
    ]


def record(found, reason, began=True):
    """The record.

    :arg found: (host, in_play, [result of the hold, result of the release, whether the tasks ended well]) for each host.
    :arg reason: why the window was opened.
    :arg began: False where the tasks were not run on any host.
    :returns: dict of ``reason``, ``by``, ``start``, ``end`` (datetimes or None), ``hosts`` (a list, what needs a person
      first), ``counts`` (ending to number of hosts), ``refused``.
    """
    hosts = [_host(host, in_play, began, *results) for host, in_play, results in found]
    hosts.sort(key=lambda host: ORDER.index(host["ending"]))
    starts = [host["start"] for host in hosts if host["start"]]
    ends = [host["end"] for host in hosts if host["end"]]
    counts = {}
    for host in hosts:
        counts[host["ending"]] = counts.get(host["ending"], 0) + 1
    return dict(
        reason=_text(reason, MAX_MSG),
        by=next((host["by"] for host in hosts if host["by"]), ""),
        start=min(starts) if starts else None,
        end=max(ends) if ends else None,
        hosts=hosts,
        counts=counts,
        refused=sum(host["refused"] for host in hosts),
    )


def _host(name, in_play, began, hold, release, ended):
    hold = hold if isinstance(hold, dict) else {}
    release = release if isinstance(release, dict) else {}
    held = _went_well(hold) and _list(hold, "holds")
    released = _is_released(release)
    first = _list(hold, "holds")[0] if _list(hold, "holds") else {}
    if not hold or hold.get("skipped"):
        ending = NOT_REACHED
    elif not held:
        ending = STILL_HELD if _list(hold, "holds") and not released else NOT_HELD
    elif not release or release.get("skipped") or not released:
        ending = STILL_HELD
    elif not release.get("changed"):
        ending = NOT_WHOLE
    else:
        ending = NOT_RUN if not began else RELEASED if ended is True else FAILED
    units = [] if ending == NOT_REACHED else _units(hold, release)
    began = _time(hold, "start") or moment(first.get("since"))
    return dict(
        host=_text(name, MAX_NAME),
        ending=ending,
        by=_text(first.get("by"), MAX_NAME),
        start=began if held else None,
        down=_time(hold, "end") if held else None,
        opened=_time(release, "start") if held else None,
        end=_time(release, "end") if held and released else None,
        lease=moment(first.get("lease")) if ending == STILL_HELD else None,
        units=units,
        refused=_refused(hold) + _refused(release),
        problems=_problems(hold, release, ending, in_play),
    )


def _units(hold, release):
    after = dict((str(member.get("unit")), member) for member in _list(release, "members"))
    units = []
    for member in _list(hold, "members"):
        later = after.get(str(member.get("unit")))
        before = _dict(member, "was") or _dict(member, "before")
        came = _dict(later, "after")
        restored = (later or member).get("restore") == "start"
        units.append(
            dict(
                unit=_text(member.get("unit"), MAX_NAME),
                role=_text(member.get("role"), 40),
                before=_state(before),
                after=_state(came) if later else "",
                back=came.get("active") in _UP if later and restored else None,
            )
        )
    return units


def _problems(hold, release, ending, in_play):
    problems = []
    for result, what, well in (
        (hold, "hold", _went_well(hold)),
        (release, "release", _is_released(release)),
    ):
        if result and not well and not result.get("skipped"):
            why = "unreachable: " if result.get("unreachable") else ""
            problems.append(
                "{0}: {1}{2}".format(what, why, _text(result.get("msg"), MAX_MSG) or "failed")
            )
    if ending == FAILED:
        problems.append("tasks: one failed, or the host was lost. Ansible's own output has it.")
    if ending == NOT_WHOLE:
        problems.append(
            "The units were no longer held at the end: the lease was over, or somebody released them. They may have run meanwhile."
        )
    elif ending == STILL_HELD and not problems:
        problems.append("No release was run.")
    elif ending == NOT_REACHED:
        problems.append(
            "The window was not opened here." if in_play else "It failed or was lost before."
        )
    return problems


def _went_well(result):
    return bool(
        result and not (result.get("failed") or result.get("unreachable") or result.get("skipped"))
    )


def _is_released(release):
    """The step of the role fails also where it released the units, and says so."""
    return (
        release["released"] is True
        if "released" in release and not release.get("unreachable")
        else _went_well(release)
    )


def _list(result, key):
    value = (result or {}).get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _dict(value, key):
    inner = (value or {}).get(key)
    return inner if isinstance(inner, dict) else {}


def _refused(result):
    count = _dict(result, "evidence").get("refused")
    return int(count) if isinstance(count, (int, float)) and count > 0 else 0


def _time(result, key):
    return moment((result or {}).get(key))


def _state(state):
    active, sub = _text(state.get("active"), 40), _text(state.get("sub"), 40)
    return "{0} ({1})".format(active, sub) if active else ""


def _text(value, limit):
    return report.printable("" if value is None else str(value), limit)
