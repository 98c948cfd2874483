#!/usr/bin/python
# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: holds_table
short_description: Print all holds of the hosts of a play as one table
version_added: 0.1.0
author:
  - The Quietus contributors (@quietus)
description:
  - Takes what M(quietus.systemd.unit_family_info) returned on every host of the play, and prints all holds as one table of 80 to 120
    columns. Leases that are over come first, then releases that were begun and not completed, then the oldest hold.
  - It works on the controller, for all hosts at once, so it wants C(run_once), and connects to no host. The playbook C(quietus.systemd.holds) is made of it.
  - Hosts that did not answer are named below the table. The task does not fail for them; see RV(missing).
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
    details: Without the file O(path).
  connection:
    support: none
  delegation:
    support: none
  diff_mode:
    support: none
  platform:
    platforms: all
options:
  registered:
    description: The name of the variable in which each host registered its result.
    type: str
    required: true
  path:
    description: Write the same as JSON to this file on the controller. It is replaced in one step.
    type: path
seealso:
  - module: quietus.systemd.unit_family_info
"""

EXAMPLES = r"""
- name: Ask every host
  become: true
  quietus.systemd.unit_family_info:
  register: asked
  ignore_errors: true
  ignore_unreachable: true

- name: Print what is held
  run_once: true
  quietus.systemd.holds_table:
    registered: asked
    path: holds.json
  register: answer

- name: Fail where hosts did not answer
  run_once: true
  ansible.builtin.assert:
    that: answer.missing | length == 0
    fail_msg: "{{ answer.msg }}"
"""

RETURN = r"""
msg:
  description: Which hosts did not answer.
  returned: always
  type: str
asked:
  description: How many hosts answered.
  returned: always
  type: int
holds:
  description: The holds, in the order of the table.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The host, as the inventory names it.
      returned: always
      type: str
    overdue:
      description: The lease is over, by the controller's clock, and the family is still held.
      returned: always
      type: bool
    subject:
      description: The unit whose family is held.
      returned: always
      type: str
    phase:
      description: V(held), or V(releasing) when a release was begun and is not complete.
      returned: always
      type: str
    until:
      description: How long the hold lives, V(released) or V(reboot).
      returned: always
      type: str
    since:
      description: When it began, in UTC.
      returned: always
      type: str
    by:
      description: Who holds it.
      returned: always
      type: str
    owner:
      description: Whose it is, for comparing. Null where nobody said.
      returned: always
      type: str
    token:
      description: The window or run that it belongs to. Null where there is none.
      returned: always
      type: str
    reason:
      description: Why. Empty when nobody said.
      returned: always
      type: str
    lease:
      description: When it releases itself, in UTC, or null.
      returned: always
      type: str
    release:
      description: The command for a shell on the host that releases it.
      returned: always
      type: str
missing:
  description: The hosts that did not answer.
  returned: always
  type: list
  elements: dict
  contains:
    host:
      description: The host, as the inventory names it.
      returned: always
      type: str
    reached:
      description: The host was reached and could not answer.
      returned: always
      type: bool
    msg:
      description: Why.
      returned: always
      type: str
"""

from ansible_collections.quietus.systemd.plugins.module_utils import action_only


def main():
    action_only.main(action_only.holds_table())


if __name__ == "__main__":
    main()
