# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role maintenance_window decides about all hosts."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.quietus.systemd.plugins.module_utils import window

HELD = {"state": "quiesced", "holds": [{"lease": "2026-03-01T05:02:11Z"}]}
ALL = ["web1", "web2", "web3"]


def decide(batch=tuple(ALL), live=tuple(ALL), may_miss=(), **holds):
    return window.decide(list(batch), set(live), lambda host: holds.get(host, HELD), set(may_miss))


def test_the_tasks_begin_when_all_are_held():
    later = {"state": "quiesced", "holds": [{"lease": "2026-03-01T06:00:00Z"}, {"lease": None}]}
    decision = decide(web1=later)
    assert decision["open"] and decision["held"].split() == ALL and decision["absent"] == {}
    assert decision["lease"] == "2026-03-01T05:02:11Z"
    assert "released by themselves at 2026-03-01T05:02:11Z" in decision["msg"][1]


def test_without_a_lease_the_message_says_so():
    decision = decide(batch=["web1"], web1={"state": "quiesced", "holds": [{"lease": None}]})
    assert decision["open"] and decision["lease"] is None
    assert decision["msg"][0] == "web1 is held and down; the tasks begin."
    assert "until somebody releases them" in decision["msg"][1]


@pytest.mark.parametrize(
    "hold, why",
    [
        ({}, "a condition"),
        ({"skipped": True, "msg": "x"}, "a condition"),
        ({"unreachable": True, "msg": "no\nroute"}, "unreachable: no route"),
        (dict(HELD, failed=True, msg="the disk is full"), "the disk is full"),
        ({"state": "quiesced", "holds": [], "msg": "odd"}, "odd"),
        ({"state": "running", "holds": [{}], "msg": "odd"}, "odd"),
        ({"failed": True}, "it did not say why"),
    ],
)
def test_a_host_that_is_not_held_is_in_the_way(hold, why):
    decision = decide(web2=hold)
    assert not decision["open"] and decision["held"].split() == ["web1", "web3"]
    assert any(line.startswith("web2: ") and why in line for line in decision["msg"])
    assert why in decision["brief"]


def test_a_host_that_left_the_play_is_in_the_way_whatever_it_said_before():
    decision = decide(live=["web1", "web3"])
    assert not decision["open"] and "web2: it left the play" in decision["msg"][1]


def test_a_host_may_be_missing_but_not_all():
    decision = decide(live=["web1", "web3"], may_miss=["web2"])
    assert decision["open"] and list(decision["absent"]) == ["web2"]
    assert decision["msg"][2].startswith("Missing, as allowed: web2: ")
    decision = decide(live=[], may_miss=ALL)
    assert not decision["open"] and "No host is held" in decision["msg"][-1]


def test_the_message_of_each_host_stays_short():
    many = ["host{0}".format(number) for number in range(1000)]
    decision = decide(batch=many, live=[])
    assert len(decision["msg"]) == 1001 and decision["brief"].endswith("and 990 more hosts")


def test_a_window_of_ones_own_can_be_taken_up():
    decision = decide(
        web2={
            "failed": True,
            "msg": "held, and it belongs to another window or run of the same owner",
        }
    )
    assert "maintenance_window_resume=true" in decision["msg"][-1]


@pytest.mark.parametrize("name", ["linear", "ansible.builtin.linear", "debug", "mitogen_linear"])
def test_hosts_that_take_each_step_together(name):
    window.refuse_strategy(name)


@pytest.mark.parametrize(
    "name", ["free", "host_pinned", "ansible.builtin.free", "mitogen_free", "x"]
)
def test_hosts_that_do_not_wait_for_each_other(name):
    with pytest.raises(ValueError, match="maintenance_window_scope: host"):
        window.refuse_strategy(name)


@pytest.mark.parametrize(
    "tasks, found",
    [
        ("- meta: end_host", "end_host"),
        ("- ansible.builtin.meta: end_play\n  when: x", "end_play"),
        ("- block: [{debug: {}}]\n  rescue: [{meta: end_batch}]", "end_batch"),
        ("- block: [{block: [{meta: end_role}]}]", "end_role"),
        ("- meta: flush_handlers", None),
        ("- debug: {msg: end_host}", None),
        ("- 5", None),
        ("a: b", None),
    ],
)
def test_tasks_that_end_the_host(tasks, found):
    assert window.ends_of(yaml.safe_load(tasks))[0] == found


def test_files_with_a_literal_name_are_looked_at_too():
    tasks = yaml.safe_load(
        "- include_tasks: a.yml\n- block: [{ansible.builtin.import_tasks: {file: b.yml}}]\n- include_tasks: '{{ c }}'"
    )
    assert window.ends_of(tasks) == (None, ["a.yml", "b.yml"])
