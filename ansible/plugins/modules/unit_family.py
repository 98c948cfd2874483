#!/usr/bin/python
# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
---
module: unit_family
short_description: Make a systemd service stay down until it is released, and bring back what was there
version_added: 0.1.0
author:
  - The Quietus contributors (@quietus)
description:
  - Takes a systemd unit down together with every unit that could start it again, such as its socket, its timers, its path
    units and what systemd stops along with it. This is its family.
  - With O(state=quiesced), all these doors are closed at one instant, the family is stopped gracefully, and the task succeeds only
    when no process of it is left. Until it is released nothing starts it, neither a connection to its socket
    nor C(systemctl start), C(Restart=) or a boot.
  - With O(state=running), exactly what was there before comes back, the socket listening before the service that it wakes is up.
  - Both states are idempotent, and a run that was cut off is completed by the next.
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
    details: The agent touches nothing, and returns what the task would without check mode, but for RV(steps) and RV(evidence).
  connection:
    support: full
  delegation:
    support: full
  diff_mode:
    support: full
    details: The members with their states before and after.
  platform:
    platforms: linux
    details: Hosts with systemd 247 or newer.
options:
  name:
    description:
      - The units, by any of their names. Without a suffix, C(.service) is meant.
      - A family can be named by any unit of it that leads to the service, so C(myapi.socket) and C(myapi.service) are the same family.
      - A template such as C(worker@.service) means all its instances. A glob such as C(worker@*) means every unit that it matches.
    type: list
    elements: str
    required: true
    aliases: [names]
  state:
    description:
      - With V(quiesced), the family is held, every member is stopped, and no process of it is left.
      - With V(running), no hold is left, and the family is as it was when it was quiesced; where it never was, as its
        enablement says.
    type: str
    choices: [quiesced, running]
    required: true
  until:
    description:
      - How long a hold lives. With V(released), until O(state=running), also over reboots, from the first moment of the boot.
        With V(reboot), until then or the next reboot.
      - If not given, a new hold lives until it is released, and one that is there keeps what it has.
    type: str
    choices: [released, reboot]
  reason:
    description:
      - Why the family is held. It is shown wherever the hold is shown, C(systemctl status) included. At most 500 characters; line
        breaks become spaces.
    type: str
  by:
    description:
      - Who holds the family, shown beside the reason. At most 200 characters.
      - If not given, the controller's user and name, and the play.
    type: str
  owner:
    description:
      - Whose the hold is. Another owner can neither join a hold nor release it without O(takeover=true).
      - If not given, the variable C(quietus_owner); without it, the controller's user and name. Set it where these change with every
        run, as in a CI job or an execution environment. At most 200 characters.
    type: str
  token:
    description:
      - The window or run that the hold belongs to. A hold with a token is joined and released with the same token only, by its owner too,
        unless with O(takeover=true). The role P(quietus.systemd.maintenance_window#role) gives each window its own.
      - Letters, digits, dots, underscores and hyphens, at most 100. It is no secret.
    type: str
  takeover:
    description:
      - Take over, or release, what belongs to another owner or window. The result then warns whose it was.
      - With O(state=quiesced), owner, token, O(by) and O(reason) of the hold become those of this task.
    type: bool
    default: false
  timeout:
    description:
      - How long to wait for all stops, or all starts, to end. The task fails when that is over, says what is left, and the hold stays.
      - A number of seconds, or a number with V(s), V(m), V(h) or V(d), such as V(90), V(5m) or V(1h30m). This is so for every
        duration of this module.
    type: str
    default: "90"
  lock_timeout:
    description:
      - How long to wait for another run of the agent on this host.
    type: str
    default: "60"
  drain:
    description:
      - How long to let work in flight finish once the doors are closed and before anything is stopped. With O(state=quiesced) only.
    type: str
    default: "0"
  settle:
    description:
      - With O(state=quiesced), how long to watch the family after the stop. The task fails if anything of it is seen alive.
      - With O(state=running), how long to watch what came back. The task fails if anything of it does not stay up, with its exit status
        and the last lines of its journal. The record of what was up is kept then, and the next task with O(state=running) goes on.
      - Nothing is watched where nothing had to be stopped or started.
    type: str
    default: "0"
  lease:
    description:
      - Release the family by itself after that time, should nobody do so before.
      - V(0) takes the lease away. If not given, a new hold has none, and one that is there keeps what it has.
      - Asked for again, it begins again once a tenth of it is over. With O(state=quiesced) only.
    type: str
  dependents:
    description:
      - What to do with active units that systemd stops along with the family, such as one that C(Requires=) it.
      - With V(hold), they are held and restored with it. With V(refuse), the task fails and names them.
    type: str
    choices: [hold, refuse]
    default: hold
  allow_protected:
    description:
      - Permit units that Ansible, the message bus or the boot stand on, such as sshd, or a family that contains one.
    type: bool
    default: false
  held_only:
    description:
      - Only release what is held, and start nothing where nothing is held. With O(state=running) only.
      - Where a lease may have ended before, so that units which were down before the hold stay down.
    type: bool
    default: false
seealso:
  - module: quietus.systemd.unit_family_info
  - module: ansible.builtin.systemd_service
"""

EXAMPLES = r"""
- name: Nothing starts myapi until it is released
  become: true
  quietus.systemd.unit_family:
    name: myapi
    state: quiesced
    reason: migration 42

- name: Bring back exactly what was there
  become: true
  quietus.systemd.unit_family:
    name: myapi
    state: running

- name: Two families in one run, released by themselves should nobody do it within two hours
  become: true
  quietus.systemd.unit_family:
    name:
      - myapi
      - worker@.service
    state: quiesced
    reason: new disks
    timeout: 5m
    lease: 2h

- name: Let requests in flight finish, and refuse when something else needs the database
  become: true
  quietus.systemd.unit_family:
    name: postgresql
    state: quiesced
    drain: 30s
    dependents: refuse

- name: Hold a unit of the user's own manager until the machine restarts
  quietus.systemd.unit_family:
    name: syncthing
    scope: user
    state: quiesced
    until: reboot
"""

RETURN = r"""
msg:
  description: What happened, in one sentence. After a failure it names the unit and what to do next.
  returned: always
  type: str
  sample: "myapi.service is quiesced: 4 units stay down until released."
diff:
  description: The members with their states before and after, as text.
  returned: in diff mode, when something is changed
  type: dict
  contains:
    before_header:
      description: What stands above the one side.
      returned: always
      type: str
    after_header:
      description: What stands above the other.
      returned: always
      type: str
    before:
      description: A line for each member.
      returned: always
      type: str
    after:
      description: The same, afterwards.
      returned: always
      type: str
state:
  description: The state that was asked for.
  returned: when the agent ran
  type: str
  sample: quiesced
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
      description: The same when the run ended; in check mode as predicted.
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
  description: The holds of the named families, as they are when the run ends; in check mode as predicted.
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
      description: This task began it. In check mode, it would.
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
evidence:
  description: What shows that the families are down.
  returned: when O(state=quiesced) and something was changed
  type: dict
  contains:
    processes:
      description: The processes of the families that are left.
      returned: always
      type: list
      elements: dict
      contains:
        unit:
          description: The unit that it belongs to.
          returned: always
          type: str
        pid:
          description: Its process id.
          returned: always
          type: int
        command:
          description: Its command line.
          returned: always
          type: str
    listeners:
      description: The addresses of the families' sockets on which somebody listens.
      returned: always
      type: list
      elements: str
    refused:
      description: How many starts were refused during the run.
      returned: always
      type: int
start_attempts:
  description:
    - The attempts to start what is released, since it is held, as far as the host's journal has them. Those of the same unit by the same
      way are one entry.
    - A start that a mask refuses leaves no trace of its own, so this is what is known and not all that was tried.
  returned: when something is released
  type: list
  elements: dict
  contains:
    unit:
      description: The unit that was to be started.
      returned: always
      type: str
      sample: myapi.service
    how:
      description: >-
        V(request) when somebody ran a command for it by sudo, cron or Ansible, V(bus) when its bus name was called, V(mask) when systemd
        wanted to start it for another unit, V(gate) when its job failed at the gate and who asked is not recorded.
      returned: always
      type: str
      sample: request
    by:
      description: Who asked, or which unit. Null when that is not recorded.
      returned: always
      type: str
      sample: deploy by sudo
    count:
      description: How often.
      returned: always
      type: int
      sample: 2
    last:
      description: When the last one was, in UTC.
      returned: always
      type: str
      sample: "2026-11-24T16:51:02.300Z"
    text:
      description: The same as a sentence.
      returned: always
      type: str
start_attempts_complete:
  description: V(false) when not all of the journal since the hold could be read, so that some may be missing.
  returned: when something is released
  type: bool
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
    on_host.main("apply")


if __name__ == "__main__":
    main()
