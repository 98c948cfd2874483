#!/usr/bin/python
# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: window_units
short_description: Hold, renew and release the units of a window on one host
version_added: 0.1.0
author:
  - The Quietus contributors (@quietus)
description:
  - What the role P(quietus.systemd.maintenance_window#role) does on each host. It is a part of the role, and of no use without it.
  - Each step does in one task what would be several, because every task costs the controller a process for each host.
extends_documentation_fragment:
  - quietus.systemd.family
options:
  step:
    description:
      - With V(hold), holds the units; where that fails, looks what is held all the same.
      - With V(renew), renews the lease, and fails where the units were up meanwhile.
      - With V(release), releases what the window holds, and fails where the tasks did not run, or where the units were no longer held
        when they ended. It starts nothing that it does not hold.
    type: str
    choices: [hold, renew, release]
    required: true
  name:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_units).
    type: list
    elements: str
    required: true
    aliases: [names]
  resume:
    description: As O(quietus.systemd.maintenance_window#role:main:maintenance_window_resume).
    type: bool
    default: false
  whole_play:
    description: Whether the hosts of the play are one window.
    type: bool
    default: true
  until:
    description: As O(quietus.systemd.unit_family#module:until).
    type: str
    choices: [released, reboot]
  reason:
    description: As O(quietus.systemd.unit_family#module:reason).
    type: str
  by:
    description: As O(quietus.systemd.unit_family#module:by).
    type: str
  owner:
    description: As O(quietus.systemd.unit_family#module:owner).
    type: str
  token:
    description: As O(quietus.systemd.unit_family#module:token). Taken from the result of O(step=hold) by the other steps.
    type: str
  takeover:
    description: As O(quietus.systemd.unit_family#module:takeover).
    type: bool
    default: false
  timeout:
    description: As O(quietus.systemd.unit_family#module:timeout).
    type: str
    default: "90"
  lock_timeout:
    description: As O(quietus.systemd.unit_family#module:lock_timeout).
    type: str
    default: "60"
  drain:
    description: As O(quietus.systemd.unit_family#module:drain).
    type: str
    default: "0"
  settle:
    description: As O(quietus.systemd.unit_family#module:settle).
    type: str
    default: "0"
  lease:
    description: As O(quietus.systemd.unit_family#module:lease). With O(step=release), what it was, for the message.
    type: str
  dependents:
    description: As O(quietus.systemd.unit_family#module:dependents).
    type: str
    choices: [hold, refuse]
    default: hold
  allow_protected:
    description: As O(quietus.systemd.unit_family#module:allow_protected).
    type: bool
    default: false
seealso:
  - module: quietus.systemd.unit_family
"""

EXAMPLES = r"""
- name: Hold the units
  become: true
  quietus.systemd.window_units:
    step: hold
    name: myapi
    reason: migration 42
    owner: admin@ctl
    token: window-20260301-4f1c
  register: __maintenance_window_hold
"""

RETURN = r"""
msg:
  description: What was done, or what stands in the way.
  returned: always
  type: str
held:
  description: The units are held and down.
  returned: with O(step=hold)
  type: bool
token:
  description: The token of the window on this host, also where it is one that was taken up.
  returned: with O(step=hold)
  type: str
released:
  description: Nothing of the window is held any more. The task may have failed all the same, where the tasks did not run.
  returned: with O(step=release)
  type: bool
holds:
  description: As RV(quietus.systemd.unit_family#module:holds). All else is as that module returns it, too.
  returned: when the agent ran
  type: list
  elements: dict
"""

from ansible_collections.quietus.systemd.plugins.module_utils import action_only


def main():
    action_only.main(action_only.window_units())


if __name__ == "__main__":
    main()
