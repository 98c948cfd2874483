# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the role maintenance_window decides. Everything here is a pure function."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

#: So many hosts are named in the message that each host fails with.
NAMED = 10

#: Where nobody can say why.
NOT_OPEN = "The window did not open, so the tasks did not run here."

_ENDS = ("end_host", "end_play", "end_batch", "end_role")
_INCLUDES = ("include_tasks", "import_tasks")

_RESUME = (
    "If that is this window, cut off earlier, and its run has ended, take it up with "
    "-e maintenance_window_resume=true."
)


def refuse_strategy(strategy):
    """With other strategies than linear, hosts begin the tasks before the others are held.

    :raises ValueError: when the hosts of a play do not take each step together.
    """
    name = strategy.split(".")[-1]
    if "linear" not in name and name != "debug":
        raise ValueError(
            'With "strategy: {0}" hosts do not wait for each other, so this window cannot see to it that all are held before '
            'the tasks begin. Use "strategy: linear", or "maintenance_window_scope: host" if each host is a window of its '
            "own. Nothing was touched".format(strategy)
        )


def ends_of(tasks):
    """The first ``meta: end_...`` in some tasks or None, and the files that they include by a literal name."""
    included = []
    for task in tasks if isinstance(tasks, list) else []:
        if not isinstance(task, dict):
            continue
        for key, value in task.items():
            word = str(key).rsplit(".", maxsplit=1)[-1]
            if word == "meta" and str(value).strip() in _ENDS:
                return str(value).strip(), []
            if word in _INCLUDES:
                name = str(value.get("file", "") if isinstance(value, dict) else value or "")
                if name and "{{" not in name:
                    included.append(name)
            elif word in ("block", "rescue", "always"):
                end, more = ends_of(value)
                if end:
                    return end, []
                included += more
    return None, included


def obstacle(hold):
    """Why a host is not held and down, from what its task said; None when it is.

    :arg hold: the registered result, empty when the task did not run there.
    """
    if not hold or hold.get("skipped"):
        return "the role did not run there, because of a condition"
    text = " ".join(str(hold.get("msg") or "it did not say why").split())
    if hold.get("unreachable"):
        return "unreachable: " + text
    if hold.get("failed") or hold.get("state") != "quiesced" or not hold.get("holds"):
        return text
    return None


def of_window(hold, token):
    """The subjects of the holds in a task's result that have a window's token."""
    holds = (hold or {}).get("holds")
    return [
        str(one.get("subject"))
        for one in (holds if isinstance(holds, list) else [])
        if isinstance(one, dict) and one.get("token") == token
    ]


def ended_early(subjects, release, lease):
    """The message where some subjects were released before the tasks ended; None where none was.

    :arg subjects: those that the window held.
    :arg release: what its release returned. A member with a snapshot was held until then.
    """
    back = set()
    for member in release.get("members") or []:
        if isinstance(member, dict) and member.get("was"):
            back.update(member.get("families") or [])
    early = [subject for subject in subjects if subject not in back]
    if not early:
        return None
    return (
        "{0} {1} no longer held when the tasks ended: the lease{2} was over, or somebody released {3}. {4} may have run "
        "while the tasks did. Nothing was started now. Check what the tasks did, and give the window a longer lease.".format(
            ", ".join(early),
            "was" if len(early) == 1 else "were",
            " of " + lease if lease else "",
            "it" if len(early) == 1 else "them",
            "It" if len(early) == 1 else "They",
        )
    )


def is_same_hold(hold, renewal):
    """True when the units stayed held between two tasks."""
    return _begins(hold) == _begins(renewal)


def _begins(result):
    return sorted(str(one.get("since")) for one in result.get("holds") or [])


def decide(batch, live, hold_of, may_miss):
    """Whether the tasks may begin.

    :arg batch: the hosts of the batch, those too that have dropped out.
    :arg live: the hosts that the play still has.
    :arg hold_of: from a host to its registered result.
    :arg may_miss: the hosts that may be missing.
    :returns: ``open``; ``held`` (hosts, one a line: Ansible walks through a list once for each host and task); ``absent`` (from
        a host that may be missing to the reason); ``lease`` (the first to end); ``msg`` (all of it); ``brief`` (for each host).
    """
    held, missing, leases = [], {}, []
    for host in batch:
        if host not in live:
            missing[host] = "it left the play before the window, unreachable or failed"
            continue
        hold = hold_of(host)
        why = obstacle(hold)
        if why is None:
            held.append(host)
            leases += [one["lease"] for one in hold["holds"] if one.get("lease")]
        else:
            missing[host] = why
    barred = [host for host in missing if host not in may_miss]
    absent = dict((host, missing[host]) for host in missing if host in may_miss)
    is_open = bool(held) and not barred
    if is_open:
        lines = ["{0} held and down; the tasks begin.".format(_hosts(held))]
        lines.append(
            "Should this run be cut off, they are released by themselves at {0}.".format(
                min(leases)
            )
            if leases
            else "Should this run be cut off, they stay down until somebody releases them: there is no lease."
        )
        lines += ["Missing, as allowed: {0}: {1}".format(host, missing[host]) for host in absent]
        brief = ""
    else:
        lines = ["The window does not open: no host runs the tasks, and what was held is released."]
        lines += ["{0}: {1}".format(host, missing[host]) for host in barred]
        lines += ["{0} (may miss): {1}".format(host, missing[host]) for host in absent]
        if not barred:
            lines.append("No host is held, so there is nothing to run the tasks on.")
        if any("of the same owner" in missing[host] for host in missing):
            lines.append(_RESUME)
        brief = "The window did not open, so no host ran the tasks. In the way: {0}".format(
            "; ".join("{0}: {1}".format(host, missing[host]) for host in list(missing)[:NAMED])
        )
        if len(missing) > NAMED:
            brief += "; and {0} more hosts".format(len(missing) - NAMED)
    return dict(
        open=is_open,
        held="\n".join(held),
        absent=absent,
        lease=min(leases) if leases else None,
        msg=lines,
        brief=brief,
    )


def _hosts(hosts):
    if len(hosts) == 1:
        return hosts[0] + " is"
    names = ", ".join(hosts[:NAMED])
    if len(hosts) > NAMED:
        names += " and {0} more hosts".format(len(hosts) - NAMED)
    return "{0} hosts ({1}) are".format(len(hosts), names)
