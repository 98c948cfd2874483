# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions of the role maintenance_window that need more than one host. It runs on the controller only and changes nothing."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import datetime
import os
import uuid

from ansible.errors import AnsibleActionFail
from ansible_collections.quietus.systemd.plugins.module_utils import unit_family, window
from ansible_collections.quietus.systemd.plugins.plugin_utils.family_action import (
    controller,
    plain,
)

from ansible.plugins.action import ActionBase

#: The results that the role registers on each host.
HOLD = "__maintenance_window_hold"
RELEASE = "__maintenance_window_release"


class ActionModule(ActionBase):
    """Each ``step`` is a method. A refusal is a failure of the task, with what to do in ``msg``."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self._vars = task_vars or {}
        spec = dict(
            step=dict(type="str", choices=["prepare", "decide", "left"], required=True),
            scope=dict(type="str", choices=["play", "host"], default="play"),
            reason=dict(type="str", default=""),
            owner=dict(type="str"),
            token=dict(type="str", no_log=False),
            lease=dict(type="str", default="0"),
            timeout=dict(type="str", default="90"),
            tasks=dict(type="list", elements="str", default=[]),
            renewal=dict(type="str", default=""),
            last=dict(type="str", default=""),
            may_miss=dict(type="list", elements="str", default=[]),
            held=dict(type="str", default=""),
        )
        arguments = self.validate_argument_spec(spec)[1]
        try:
            result.update(getattr(self, "_" + arguments["step"])(arguments))
        except ValueError as error:
            raise AnsibleActionFail(str(error))
        result["changed"] = False
        return result

    def _prepare(self, arguments):
        """What is wrong with the window before anything is touched; its token, its owner, its files in their order."""
        if arguments["scope"] == "play":
            window.refuse_strategy(str(self._play().strategy))
        reason = " ".join(arguments["reason"].split())
        if not reason:
            raise ValueError("maintenance_window_reason: say why the units are held")
        lease, timeout = (
            self._seconds(arguments, "lease"),
            self._seconds(arguments, "timeout"),
        )
        if 0 < lease <= timeout:
            raise ValueError(
                "maintenance_window_lease: {0} is not longer than maintenance_window_timeout, {1}, so the units could be "
                "released while they are still being stopped. Give a longer lease".format(
                    arguments["lease"], arguments["timeout"]
                )
            )
        if arguments["last"] and arguments["scope"] == "host":
            raise ValueError(
                "maintenance_window_report: with maintenance_window_scope: host each host is a window of its own, and there is "
                "no record of all. Leave it out. Nothing was touched"
            )
        if not arguments["tasks"]:
            raise ValueError("maintenance_window_tasks: give at least one file")
        for path in arguments["tasks"]:
            self._refuse_ends(path, set())
        files = []
        for path in arguments["tasks"]:
            files += [arguments["renewal"], path] if files else [path]
        if arguments["last"]:
            files.append(arguments["last"])
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        return dict(
            token=arguments["token"] or "window-{0}-{1}".format(stamp, uuid.uuid4().hex[:8]),
            owner=plain(arguments["owner"] or self._configured_owner() or controller()),
            reason=reason,
            files=files,
        )

    def _decide(self, arguments):
        """Whether every host of the batch is held and down."""
        decision = window.decide(
            self._batch(),
            set(self._vars.get("ansible_play_hosts") or []),
            lambda host: self._registered(host, HOLD),
            set(arguments["may_miss"]),
        )
        decision["_ansible_verbose_always"] = True
        return decision

    def _left(self, arguments):
        """The held hosts that the play lost meanwhile, so that nobody has released them."""
        left = []
        for host in arguments["held"].splitlines():
            release = self._registered(host, RELEASE)
            if not release or release.get("unreachable"):
                left.append(host)
        return dict(hosts=left)

    def _play(self):
        return self._task.play

    def _batch(self):
        """The hosts of this batch by name, those too that have dropped out. Where Ansible does not tell, those of the play."""
        inventory = getattr(self._vars["hostvars"], "_inventory", None)
        if inventory is None:
            return list(self._vars["ansible_play_hosts_all"])
        return [host.name for host in inventory.get_hosts(self._play().hosts)]

    def _registered(self, host, name):
        value = self._vars["hostvars"].raw_get(host).get(name)
        return value if isinstance(value, dict) else {}

    def _configured_owner(self):
        owner = self._vars.get("quietus_owner")
        return str(self._templar.template(owner)) if owner else None

    def _seconds(self, arguments, key):
        try:
            return unit_family.seconds(arguments[key])
        except ValueError as error:
            raise ValueError("maintenance_window_{0}: {1}".format(key, error))

    def _refuse_ends(self, path, seen):
        """Refuses a file of tasks that would end the host or the play before the release."""
        if path in seen:
            return
        seen.add(path)
        if not os.path.isfile(path):
            raise ValueError("maintenance_window_tasks: there is no file {0}".format(path))
        try:
            tasks = self._loader.load_from_file(path)
        except Exception:  # not YAML, or a vault: Ansible itself says so when it includes the file
            return
        end, included = window.ends_of(tasks)
        if end:
            raise ValueError(
                '{0} has "meta: {1}", which would end {2} before the units are released. Nothing was touched. Use "when" on the '
                "tasks, or fail them: then the units are released".format(
                    path, end, "the host" if end == "end_host" else "the play or the role"
                )
            )
        for other in included:
            other = os.path.join(os.path.dirname(path), other)
            if os.path.isfile(other):
                self._refuse_ends(other, seen)
