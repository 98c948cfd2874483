# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os

from ansible.errors import AnsibleActionFail
from ansible_collections.quietus.systemd.plugins.module_utils import action_only
from ansible_collections.quietus.systemd.plugins.plugin_utils import (
    all_hosts,
    window_pages,
    window_record,
)

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        """:returns: the names of the two files that were written, and how many hosts ended how."""
        result = super().run(tmp, task_vars)
        params = self.validate_argument_spec(action_only.window_report())[1]
        names = [params["hold"], params["release"], params["ended"]]
        found = all_hosts.registered(task_vars, names)
        if params["lost"]:
            found = window_record.with_lost(found, task_vars.get(params["lost"]))
        record = window_record.record(found, params["reason"], params["began"])
        stem, suffix = os.path.splitext(params["path"])
        if suffix not in (".md", ".html"):
            stem = params["path"]
        files = [stem + ".md", stem + ".html"]
        if not self._task.check_mode:
            try:
                os.makedirs(os.path.dirname(os.path.abspath(stem)), exist_ok=True)
                all_hosts.write(files[0], window_pages.markdown(record))
                all_hosts.write(files[1], window_pages.page(record))
            except OSError as error:
                raise AnsibleActionFail(
                    "The record of the window could not be written to {0} on the controller: {1}".format(
                        stem, error
                    )
                )
        result.update(
            changed=True,
            files=files,
            counts=record["counts"],
            msg="The record of the window is in {0} and {1}.".format(*files),
        )
        return result
