#!/usr/bin/python
# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: window_report
short_description: Write the record of a maintenance window
version_added: 0.1.0
author:
  - The Quietus contributors (@quietus)
description:
  - Writes what happened in a maintenance window to two files on the controller, for a change ticket. One is Markdown, the other one
    HTML page that needs nothing else and has a picture of the time line.
  - Hosts, units, from, to, starts refused meanwhile, what came back in how many seconds, what failed.
  - It takes what M(quietus.systemd.unit_family) returned on every host of the play. It works for all hosts at once, so it wants
    C(run_once), and connects to no host. The role P(quietus.systemd.maintenance_window#role) does it where
    O(quietus.systemd.maintenance_window#role:main:maintenance_window_report) is given.
  - With C(serial), write it in each batch. The files then have all hosts until then.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  action:
    support: full
  async:
    support: none
  become:
    support: none
  bypass_host_loop:
    support: none
  check_mode:
    support: full
    details: Nothing is written.
  connection:
    support: none
  delegation:
    support: none
  diff_mode:
    support: none
  platform:
    platforms: all
options:
  path:
    description:
      - Where to write it. A suffix C(.md) or C(.html) is left out, and both files are written. Their directory is made; each file is
        replaced in one step.
    type: path
    required: true
  reason:
    description: Why the window was opened. It is the title.
    type: str
    default: ""
  hold:
    description: The name of the variable in which each host registered the result of O(quietus.systemd.unit_family#module:state=quiesced).
    type: str
    required: true
  release:
    description: The same for O(quietus.systemd.unit_family#module:state=running).
    type: str
    required: true
  lost:
    description:
      - The name of the variable of a task with C(loop) over hosts that the play had lost, which released them by C(delegate_to).
    type: str
  ended:
    description: The name of the variable that is true on a host where the tasks in between ended well.
    type: str
    required: true
  began:
    description: Whether the tasks in between were run on any host.
    type: bool
    default: true
seealso:
  - module: quietus.systemd.unit_family
"""

EXAMPLES = r"""
- name: Write the record
  run_once: true
  quietus.systemd.window_report:
    path: records/migration-42
    reason: migration 42
    hold: hold
    release: release
    ended: ended
"""

RETURN = r"""
msg:
  description: Where the record is.
  returned: always
  type: str
files:
  description: The two files.
  returned: always
  type: list
  elements: str
counts:
  description: For each outcome, how many hosts had it.
  returned: always
  type: dict
  sample: {"released": 3}
"""

from ansible_collections.quietus.systemd.plugins.module_utils import action_only


def main():
    action_only.main(action_only.window_report())


if __name__ == "__main__":
    main()
