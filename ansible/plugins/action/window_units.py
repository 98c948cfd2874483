# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role maintenance_window does on one host. A step is one task, because each task costs the controller a process for each host."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.errors import AnsibleConnectionFailure
from ansible_collections.quietus.systemd.plugins.module_utils import action_only, window
from ansible_collections.quietus.systemd.plugins.plugin_utils.family_action import FamilyAction

#: What the role registers.
HOLD = "__maintenance_window_hold"
DECISION = "__maintenance_window_decision"


class ActionModule(FamilyAction):
    """Each ``step`` is a method."""

    verb = "apply"

    def run(self, tmp=None, task_vars=None):
        result = super(FamilyAction, self).run(tmp, task_vars)
        self._begin(task_vars)
        arguments = self.validate_argument_spec(action_only.window_units())[1]
        step = arguments.pop("step")
        self._resume, self._whole_play = arguments.pop("resume"), arguments.pop("whole_play")
        result.update(getattr(self, "_" + step)(arguments))
        return self._noted(result)

    def _hold(self, arguments):
        """Holds the units, and looks what is held where that did not tell."""
        if self._resume:
            arguments["token"] = self._cut_off(arguments) or arguments["token"]
        answer = self._tried("apply", dict(arguments, state="quiesced", held_only=False))
        if (answer.get("failed") or answer.get("unreachable")) and not answer.get("holds"):
            asked = self._asked(arguments)
            if not asked.get("unreachable"):
                if answer.pop("unreachable", False):
                    answer.update(failed=True, msg="unreachable: " + str(answer["msg"]))
                answer["holds"] = asked.get("holds") or []
        answer["held"] = window.obstacle(answer) is None
        answer["token"] = arguments["token"]
        return answer

    def _cut_off(self, arguments):
        """The token of a window of the same owner and reason that was cut off, or None."""
        for hold in self._asked(arguments).get("holds") or []:
            if (
                hold.get("token")
                and hold.get("owner") == arguments["owner"]
                and hold.get("reason") == arguments["reason"]
            ):
                return hold["token"]
        return None

    def _renew(self, arguments):
        """Renews the lease, and fails where the units were up meanwhile."""
        if self._task.check_mode:
            return dict(changed=False, skipped=True, msg="In check mode nothing is held.")
        arguments["token"] = self._held().get("token")
        answer = self._ask("apply", dict(arguments, state="quiesced", held_only=False))
        if not answer.get("failed") and not window.is_same_hold(self._held(), answer):
            answer.update(
                failed=True,
                msg="The lease of {0} ended, or somebody released the units, before this file of tasks began. They may have run while "
                "the tasks before it did. Check what those did, and give the window a longer lease.".format(
                    arguments["lease"]
                ),
            )
        return answer

    def _release(self, arguments):
        """Releases what the window holds here, and fails where the tasks did not run, or not all of them while the units were held."""
        hold = self._held()
        arguments["token"] = hold.get("token")
        lease = arguments.pop("lease")
        subjects = window.of_window(hold, arguments["token"])
        answer = dict(changed=False, msg="This window holds nothing here.")
        if subjects:
            answer = self._ask(
                "apply", dict(arguments, state="running", held_only=True, lease=None)
            )
        answer["released"] = not answer.get("failed")
        why = self._why_not(hold)
        if not why and subjects and answer["released"] and not self._task.check_mode:
            why = window.ended_early(subjects, answer, lease)
        if why:
            answer["msg"] = why if answer["released"] else why + " " + str(answer["msg"])
            answer["failed"] = True
        return answer

    def _why_not(self, hold):
        """Why the tasks did not run on this host; None where they did."""
        if not self._whole_play:
            return None if hold.get("held") else str(hold.get("msg") or window.NOT_OPEN)
        decision = self._registered(DECISION)
        if not decision.get("open"):
            return str(decision.get("brief") or window.NOT_OPEN)
        absent = decision.get("absent") or {}
        host = self._task_vars.get("inventory_hostname")
        if host in absent:
            return "The tasks did not run on this host, which may be missing: " + str(absent[host])
        return None

    def _tried(self, verb, arguments):
        """A run of the agent, where a host that cannot be reached is an answer, too."""
        try:
            return self._ask(verb, arguments)
        except AnsibleConnectionFailure as error:
            return dict(unreachable=True, changed=False, msg=str(error))

    def _asked(self, arguments):
        return self._tried("info", dict((key, arguments[key]) for key in ("name", "scope", "java")))

    def _held(self):
        return self._registered(HOLD)

    def _registered(self, name):
        value = self._task_vars.get(name)
        return value if isinstance(value, dict) else {}
