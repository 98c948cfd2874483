# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each documented key is in some result. conftest.py checks that no result of any test has another one."""

from __future__ import annotations

import documented
import pytest

PLAY = """
- hosts: lab
  gather_facts: false
  become: true
  tasks:
    - quietus.systemd.unit_family: {name: myapi, state: quiesced, lease: 1h, reason: a test}
      check_mode: true
      diff: true
    - quietus.systemd.unit_family: {name: myapi, state: quiesced, lease: 1h, reason: a test}
      diff: true
    - quietus.systemd.unit_family: {name: myapi, state: quiesced, lease: 1h, reason: a test}
    - quietus.systemd.unit_family_info: {name: myapi}
    - ansible.builtin.raw: >-
        sleep 1.1; runuser -u deploy -- sudo systemctl start myapi; journalctl --sync; true
    - quietus.systemd.unit_family: {name: myapi, state: running}
    - quietus.systemd.unit_family: {name: myapi, state: running}
    - ansible.builtin.raw: systemctl stop myapi; systemctl restart myapi.socket; systemctl start myapi
    - quietus.systemd.unit_family_info: {name: myapi, started_by: true, graph: mermaid}
      register: story
    - ansible.builtin.assert:
        that:
          - story.graph is search('^flowchart LR')
          - story.graph is search('n0\\["myapi.service<br/>active, running"')
          - (story.members | selectattr('unit', 'eq', 'myapi.service') | first).started_by.certainty == 'unknown'
          - story.members | rejectattr('after.active', 'eq', 'active') | selectattr('started_by', 'defined') | list | length == 0
    - quietus.systemd.unit_family: {name: myapi, state: quiesced}
      async: 60
      poll: 1
    - quietus.systemd.unit_family: {name: leaves, state: quiesced}
      ignore_errors: true
    - quietus.systemd.unit_family: {name: nosuchunit, state: quiesced}
      ignore_errors: true
"""


def test_every_documented_key_comes_back(ansible, host, released, seen):
    host.put(
        "/etc/systemd/system/leaves.service",
        "[Service]\nExecStart=/bin/sleep infinity\nKillMode=none\n",
    )
    host.sh("systemctl daemon-reload; systemctl start leaves")
    try:
        ansible(PLAY, on=[host]).ok()
    finally:
        host.sh("kill $(cat /sys/fs/cgroup/system.slice/leaves.service/cgroup.procs)", check=False)
    for module in ("unit_family", "unit_family_info"):
        missing = [
            path
            for path in documented.paths(documented.documented(module))
            if (module, path) not in seen
        ]
        assert not missing, f"{module}: no result has {missing}"


@pytest.mark.parametrize(
    "result, complaint",
    [
        ({"msg": "x", "extra": 1}, "extra is not documented"),
        ({"msg": 1}, "msg is 1"),
        ({"msg": None}, "msg is null"),
        ({"members": [{"unit": "a"}]}, "members.role is documented as always there"),
        ({"members": ["a"]}, "members has 'a'"),
        (
            {"members": [{"before": {"load": "x", "active": "y", "sub": "z", "job": 0}}]},
            "members.before.job is not documented",
        ),
    ],
)
def test_a_result_that_is_not_as_documented_is_noticed(result, complaint):
    with pytest.raises(AssertionError, match=complaint):
        documented.check(
            {"action": "quietus.systemd.unit_family", "status": "ok", "result": result}, set()
        )
