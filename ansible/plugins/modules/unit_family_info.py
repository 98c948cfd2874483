#!/usr/bin/python
# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: unit_family_info
short_description: Show what could start a systemd service again, and who holds it down
version_added: 0.1.0
author:
  - The Quietus contributors (@quietus)
description:
  - Tells which units are the family of a systemd unit, by which doors it could start again, and whether it is held down by
    M(quietus.systemd.unit_family), by whom and why.
  - Changes nothing on the host.
extends_documentation_fragment:
  - quietus.systemd.family
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  action:
    support: full
  async:
    support: full
    details: With C(async) the work is done by Python on the host.
  become:
    support: full
  bypass_host_loop:
    support: none
  check_mode:
    support: full
    details: It changes nothing in any mode.
  connection:
    support: full
  delegation:
    support: full
  diff_mode:
    support: none
  platform:
    platforms: linux
    details: Hosts with systemd 247 or newer.
options:
  name:
    description:
      - The units, by any of their names, or none for all that is held on the host.
      - Without a suffix, C(.service) is meant.
      - A family can be named by any unit of it that leads to the service, so C(myapi.socket) and C(myapi.service) are the same family.
      - A template such as C(worker@.service) means all its instances. A glob such as C(worker@*) means every unit that it matches.
    type: list
    elements: str
    aliases: [names]
  started_by:
    description:
      - Return who or what started each member that is up, as far as systemd and the journal have recorded it.
      - Each such member costs a bounded reading of the host's journal, so at most 50 members have it. A warning says when there are more.
    type: bool
    default: false
  graph:
    description:
      - Return a picture of the family, its doors and what closes each, for a ticket or a wiki.
      - V(tree) is plain text, V(dot) is for Graphviz, V(mermaid) for Mermaid, V(svg) stands alone.
      - It goes with one O(name), which is no glob.
    type: str
    choices: [tree, dot, mermaid, svg]
seealso:
  - module: quietus.systemd.unit_family
"""

EXAMPLES = r"""
- name: See what would be stopped along with the database
  become: true
  quietus.systemd.unit_family_info:
    name: postgresql
  register: family

- name: Say it
  ansible.builtin.debug:
    msg: "{{ family.members | map(attribute='reason') | list }}"

- name: List all that is held
  become: true
  quietus.systemd.unit_family_info:
  register: held

- name: Find out what started it, and draw what could
  become: true
  quietus.systemd.unit_family_info:
    name: myapi
    started_by: true
    graph: mermaid
  register: story

- name: Say who started what
  ansible.builtin.debug:
    msg: "{{ story.members | selectattr('started_by', 'defined') | map(attribute='started_by.text') | list }}"

- name: Fail where somebody else holds it
  ansible.builtin.assert:
    that: family.holds | length == 0
    fail_msg: "{{ family.msg }}"
"""

RETURN = r"""
msg:
  description: What is the case, in one sentence. After a failure it says what to do next.
  returned: always
  type: str
  sample: "myapi.service is not held; 4 units would be."
members:
  description: Every unit of the families.
  returned: when the agent ran
  type: list
  elements: dict
  contains:
    unit:
      description: The unit's primary name.
      returned: always
      type: str
      sample: myapi.socket
    role:
      description: What it is in its family. One of V(subject), V(activator), V(instance), V(dependent), V(part).
      returned: always
      type: str
      sample: activator
    reason:
      description: Why it is in the family.
      returned: always
      type: str
      sample: its connections start myapi.service
    families:
      description: The subjects to whose families it belongs.
      returned: always
      type: list
      elements: str
      sample: [myapi.service]
    before:
      description: systemd's C(LoadState), C(ActiveState) and C(SubState) when the run began.
      returned: always
      type: dict
      contains:
        load:
          description: C(LoadState); V(template) for a template, which has no state of its own.
          returned: always
          type: str
        active:
          description: C(ActiveState).
          returned: always
          type: str
        sub:
          description: C(SubState).
          returned: always
          type: str
      sample: {load: loaded, active: active, sub: listening}
    after:
      description: The same when the run ended.
      returned: always
      type: dict
      contains:
        load:
          description: C(LoadState); V(template) for a template, which has no state of its own.
          returned: always
          type: str
        active:
          description: C(ActiveState).
          returned: always
          type: str
        sub:
          description: C(SubState).
          returned: always
          type: str
      sample: {load: masked, active: inactive, sub: dead}
    was:
      description: The state that the hold keeps for the release. Null without a hold.
      returned: always
      type: dict
      contains:
        active:
          description: C(ActiveState).
          returned: always
          type: str
        sub:
          description: C(SubState).
          returned: always
          type: str
      sample: {active: active, sub: listening}
    restore:
      description: What a release does with it, V(start) or V(leave). Null without a hold.
      returned: always
      type: str
      sample: start
    started_by:
      description: Who or what started it, and how sure that is.
      returned: with O(started_by), for a member that is up
      type: dict
      contains:
        kind:
          description: >-
            V(socket), V(timer), V(path), V(automount), V(device), V(bus), V(restart), V(dependency), V(upheld), V(failure), V(success),
            V(boot), V(request) or V(unknown).
          returned: always
          type: str
          sample: timer
        unit:
          description: The unit or bus name by which it came, or null.
          returned: always
          type: str
          sample: report.timer
        at:
          description: When it was started, in UTC, or null.
          returned: always
          type: str
          sample: "2026-11-24T16:44:46.058Z"
        certainty:
          description: >-
            V(known) when systemd or the journal says so, V(inferred) when all that is recorded fits this cause and no other, V(unknown)
            when the records fit several causes, or none.
          returned: always
          type: str
          sample: known
        text:
          description: The same as a sentence.
          returned: always
          type: str
          sample: report.service was started by the timer report.timer
        who:
          description: Who asked, as far as that is recorded, or null.
          returned: always
          type: str
          sample: deploy by sudo
        evidence:
          description: What was read, a sentence each.
          returned: always
          type: list
          elements: str
        candidates:
          description: What could have been, where it is unknown.
          returned: always
          type: list
          elements: dict
          contains:
            kind:
              description: As above.
              returned: always
              type: str
            unit:
              description: The unit or bus name, or null.
              returned: always
              type: str
            text:
              description: A sentence.
              returned: always
              type: str
            evidence:
              description: What speaks for it, a sentence each.
              returned: always
              type: list
              elements: str
        by:
          description: What started that unit in turn, with these same keys, or null. At most 8 units deep.
          returned: always
          type: dict
doors:
  description: Every way by which a subject could start again.
  returned: when the agent ran
  type: list
  elements: dict
  contains:
    kind:
      description: >-
        One of V(restart), V(bus), V(upheld), V(boot), V(wanted), V(failure), V(success), V(device), V(job), V(enabled).
      returned: always
      type: str
      sample: restart
    unit:
      description: The unit that could start again.
      returned: always
      type: str
      sample: myapi.service
    text:
      description: The door, for a person.
      returned: always
      type: str
      sample: Restart=always
    closed_by:
      description: What closes it, V(gate), V(stop) or V(none).
      returned: always
      type: str
      sample: gate
holds:
  description: The holds of the named families; all of the host's where none is named.
  returned: when the agent ran
  type: list
  elements: dict
  contains:
    subject:
      description: The unit whose family is held.
      returned: always
      type: str
      sample: myapi.service
    phase:
      description: V(held), or V(releasing) when a release was begun and is not complete.
      returned: always
      type: str
      sample: held
    path:
      description: The file on the host that is the hold.
      returned: always
      type: str
    until:
      description: How long it lives, V(released) or V(reboot).
      returned: always
      type: str
      sample: released
    since:
      description: When it began, in UTC.
      returned: always
      type: str
      sample: "2026-03-01T03:02:11Z"
    by:
      description: Who holds it.
      returned: always
      type: str
      sample: ansible from admin@ctl
    owner:
      description: Whose it is, for comparing. Null where nobody said.
      returned: always
      type: str
      sample: admin@ctl
    token:
      description: The window or run that it belongs to. Null where there is none.
      returned: always
      type: str
      sample: window-20260301-4f1c
    reason:
      description: Why. Empty when nobody said.
      returned: always
      type: str
      sample: migration 42
    lease:
      description: When it releases itself, in UTC, or null.
      returned: always
      type: str
      sample: "2026-03-01T05:02:11Z"
    begun:
      description: Always V(false), because a look begins nothing.
      returned: always
      type: bool
    overdue:
      description: Its lease is over by the host's clock, and still it is held.
      returned: always
      type: bool
    release:
      description: The command for a shell on the host that releases it.
      returned: always
      type: str
inexact:
  description: What a release cannot bring back exactly.
  returned: when the agent ran
  type: list
  elements: dict
  contains:
    unit:
      description: The unit.
      returned: always
      type: str
    text:
      description: What of it is lost.
      returned: always
      type: str
graph:
  description:
    - The family, its doors and what closes each, as a picture of several lines.
    - A line that C(quietus graph) does not draw makes the whole report unreadable, so no link and no script comes with a picture.
  returned: with O(graph)
  type: str
  sample: |-
    flowchart LR
      n0["myapi.service<br/>active, running"]
      n1["myapi.socket<br/>active, running"]
      n1 -->|"its connections start myapi.service"| n0
steps:
  description: The steps that were taken, and how long each took in milliseconds.
  returned: when the agent ran
  type: list
  elements: dict
  contains:
    step:
      description: The step.
      returned: always
      type: str
      sample: stop
    ms:
      description: How long it took.
      returned: always
      type: float
      sample: 41.2
start:
  description: When the task began on this host, in UTC, by the controller's clock.
  returned: without C(async)
  type: str
  sample: "2026-03-01T03:02:11.042Z"
end:
  description: When it ended.
  returned: without C(async)
  type: str
  sample: "2026-03-01T03:02:11.618Z"
version:
  description: The agent's version.
  returned: when the agent ran
  type: str
"""

from ansible_collections.quietus.systemd.plugins.module_utils import on_host


def main():
    on_host.main("info")


if __name__ == "__main__":
    main()
