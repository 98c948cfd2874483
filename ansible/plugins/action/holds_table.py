# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import datetime
import json
import shutil

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display
from ansible_collections.quietus.systemd.plugins.module_utils import action_only
from ansible_collections.quietus.systemd.plugins.plugin_utils import all_hosts, holds_table

from ansible.plugins.action import ActionBase

display = Display()


class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        """:returns: the holds of all hosts; the table is printed, and JSON written where a path is given."""
        result = super().run(tmp, task_vars)
        params = self.validate_argument_spec(action_only.holds_table())[1]
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
        found = [
            (host, in_play, results[0])
            for host, in_play, results in all_hosts.registered(task_vars, [params["registered"]])
        ]
        data = holds_table.collect(found, now)
        for line in [""] + holds_table.table(
            data, now, shutil.get_terminal_size((100, 25)).columns
        ):
            display.display(line)
        changed = False
        if params["path"] and not self._task.check_mode:
            text = json.dumps(dict(data, at=now.isoformat() + "Z"), indent=2, sort_keys=True) + "\n"
            try:
                all_hosts.write(params["path"], text)
            except OSError as error:
                raise AnsibleActionFail(
                    "The holds could not be written to {0}: {1}".format(params["path"], error)
                )
            changed = True
        result.update(data, changed=changed)
        result["msg"] = (
            "These hosts did not answer, so they may have holds that are not shown: {0}.".format(
                ", ".join(entry["host"] for entry in data["missing"])
            )
            if data["missing"]
            else "All hosts answered."
        )
        return result
