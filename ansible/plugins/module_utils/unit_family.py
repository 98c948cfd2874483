# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a task's options to the agent's request, and from the agent's report to a task's result.

Everything here is a pure function; the contract is docs/agent-protocol.md of the project.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

_SECONDS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_DURATIONS = ("timeout", "lock_timeout", "drain", "settle", "lease")

_NAMING = dict(
    name=dict(type="list", elements="str", required=True, aliases=["names"]),
    scope=dict(type="str", choices=["system", "user"], default="system"),
    java=dict(type="str"),
)

_HOLDING = dict(
    state=dict(type="str", choices=["quiesced", "running"], required=True),
    until=dict(type="str", choices=["released", "reboot"]),
    reason=dict(type="str"),
    by=dict(type="str"),
    owner=dict(type="str"),
    token=dict(type="str", no_log=False),
    takeover=dict(type="bool", default=False),
    timeout=dict(type="str", default="90"),
    lock_timeout=dict(type="str", default="60"),
    drain=dict(type="str", default="0"),
    settle=dict(type="str", default="0"),
    lease=dict(type="str"),
    dependents=dict(type="str", choices=["hold", "refuse"], default="hold"),
    allow_protected=dict(type="bool", default=False),
    held_only=dict(type="bool", default=False),
)

_LOOKING = dict(
    started_by=dict(type="bool", default=False),
    graph=dict(type="str", choices=["tree", "dot", "mermaid", "svg"]),
)


def argument_spec(verb):
    """The options of a task, for the agent's command ``apply`` (unit_family) or ``info`` (unit_family_info)."""
    spec = dict(_NAMING)
    if verb == "apply":
        spec.update(_HOLDING)
    else:
        spec.update(_LOOKING)
        spec["name"] = dict(_NAMING["name"], required=False)
    return spec


def seconds(text):
    """The number of seconds in ``90``, ``90s``, ``5m``, ``2h``, ``1d`` or ``1h30m``.

    :raises ValueError: when it is none of these.
    """
    given = str(text).strip()
    parts = re.findall(r"(\d+)\s*([a-z]*)\s*", given)
    if (
        not parts
        or "".join(re.findall(r"\d+\s*[a-z]*\s*", given)) != given
        or any(unit not in _SECONDS for dummy, unit in parts)
    ):
        raise ValueError(
            '"{0}" is no duration. Give a number of seconds, or a number with s, m, h or d, as in 90, 5m, 1h30m'.format(
                given
            )
        )
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)


def request(params, check):
    """The agent's request as a dict.

    :arg params: the task's options, validated; those that are None are left to the agent.
    :arg check: only predict.
    :raises ValueError: when a duration is none, or no unit is named, or an option does not go with the state.
    """
    wanted = dict(scope=params["scope"])
    if params["name"] is not None:
        if not params["name"]:
            raise ValueError("name: give at least one unit")
        wanted["names"] = params["name"]
    if params.get("state") == "running":
        for key in ("drain", "lease"):
            if params.get(key) not in (None, _HOLDING[key].get("default")):
                raise ValueError("{0}: it goes with state: quiesced only".format(key))
    elif params.get("held_only"):
        raise ValueError("held_only: it goes with state: running only")
    for key in _LOOKING:
        if params.get(key):
            wanted[key] = params[key]
    if "graph" in wanted and len(params["name"] or []) != 1:
        raise ValueError("graph: it goes with one name")
    for key in _HOLDING:
        if params.get(key) is None or key == "held_only" and not params[key]:
            continue
        if key == "reason":
            wanted[key] = " ".join(params[key].split())
        elif key in _DURATIONS:
            try:
                wanted[key] = seconds(params[key])
            except ValueError as error:
                raise ValueError("{0}: {1}".format(key, error))
        else:
            wanted[key] = params[key]
    if check and "state" in wanted:
        wanted["check"] = True
    return wanted


def result(report, status, diff):
    """The task's result as a dict.

    :arg report: the agent's report.
    :arg status: its exit status; anything but 0 is a failure.
    :arg diff: add the members before and after, where something changes.
    """
    answer = dict(report)
    answer["changed"] = bool(report.get("changed"))
    answer["failed"] = bool(report.get("failed")) or status != 0
    if not answer.get("warnings"):
        answer.pop("warnings", None)
    if diff and answer["changed"]:
        answer["diff"] = _diff(report)
    return answer


def _diff(report):
    members = report.get("members") or []
    width = max([len(member.get("unit", "")) for member in members] or [0])
    return dict(
        before_header="units before",
        after_header="units after",
        before="".join(_line(member, "before", width) for member in members),
        after="".join(_line(member, "after", width) for member in members),
    )


def _line(member, when, width):
    state = member.get(when) or {}
    text = "{0}  {1} ({2})".format(
        member.get("unit", "").ljust(width), state.get("active"), state.get("sub")
    )
    if state.get("load") not in (None, "loaded"):
        text += ", " + state["load"]
    return text + "\n"
