#!/usr/bin/python
# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: window_step
short_description: Decide for the role maintenance_window
version_added: 0.1.0
author:
  - The Quietus contributors (@quietus)
description:
  - What the role P(quietus.systemd.maintenance_window#role) decides about all hosts at once. It is a part of the role, and of no use
    without it.
  - Runs on the controller and changes nothing.
options:
  step:
    description:
      - With V(prepare), refuses what cannot be a window, before anything is touched.
      - With V(decide), tells whether all hosts are held and down.
      - With V(left), names held hosts that the play lost.
    type: str
    choices: [prepare, decide, left]
    required: true
  scope:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_scope).
    type: str
    choices: [play, host]
    default: play
  reason:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_reason).
    type: str
    default: ''
  owner:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_owner).
    type: str
  token:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_token).
    type: str
  lease:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_lease).
    type: str
    default: "0"
  timeout:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_timeout).
    type: str
    default: "90"
  tasks:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_tasks).
    type: list
    elements: str
    default: []
  renewal:
    description: The file of tasks that renews the lease.
    type: str
    default: ''
  last:
    description: A file of tasks to run after all others, for the record of the window.
    type: str
    default: ''
  may_miss:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_may_miss).
    type: list
    elements: str
    default: []
  held:
    description: The held hosts, one a line.
    type: str
    default: ''
seealso:
  - module: quietus.systemd.unit_family
"""

EXAMPLES = r"""
- name: Decide whether all hosts are held
  quietus.systemd.window_step:
    step: decide
  register: decision
  run_once: true
"""

RETURN = r"""
token:
  description: The token of the window.
  returned: with O(step=prepare)
  type: str
owner:
  description: Whose the window is.
  returned: with O(step=prepare)
  type: str
reason:
  description: The reason on one line.
  returned: with O(step=prepare)
  type: str
files:
  description: The files of tasks in their order, with the renewals between them.
  returned: with O(step=prepare)
  type: list
  elements: str
open:
  description: The tasks may begin.
  returned: with O(step=decide)
  type: bool
held:
  description: The hosts that are held, one a line.
  returned: with O(step=decide)
  type: str
absent:
  description: From the hosts that are missing and may be, to the reason.
  returned: with O(step=decide)
  type: dict
lease:
  description: When the first lease ends, in UTC, or null.
  returned: with O(step=decide)
  type: str
msg:
  description: The decision, with each host that is in the way and why.
  returned: with O(step=decide)
  type: list
  elements: str
brief:
  description: The same, short, for each host.
  returned: with O(step=decide)
  type: str
hosts:
  description: The held hosts that the play lost.
  returned: with O(step=left)
  type: list
  elements: str
"""
