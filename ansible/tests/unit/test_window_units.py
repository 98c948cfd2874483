# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role maintenance_window does on one host, with an agent that answers as it is told."""

from __future__ import annotations

import types

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.quietus.systemd.plugins.action import window_units

LOST = AnsibleConnectionFailure("no route")
HOLD = {"subject": "a.service", "token": "t", "owner": "o", "reason": "r", "since": "1"}
HELD = {"changed": True, "state": "quiesced", "holds": [HOLD], "msg": "held"}
WAS = {"unit": "a.service", "was": {"active": "active"}, "families": ["a.service"]}
BACK = {"changed": True, "holds": [], "members": [WAS], "msg": "back"}
OPEN = {"open": True, "absent": {}}


def run(step, *answers, check=False, task_vars=None, **args):
    """Returns the result, and what was asked."""
    args = {"step": step, "name": "a", "owner": "o", "reason": "r", **args}
    task = Task.load({"action": "quietus.systemd.x", "args": args, "check_mode": check})
    connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir="/nowhere"))
    plugin = window_units.ActionModule(
        task, connection, PlayContext(), DataLoader(), Templar(DataLoader()), None
    )
    plugin._load_name = "quietus.systemd.x"
    left, asked = list(answers), []

    def ask(verb, params):
        asked.append((verb, dict(params)))
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    plugin._ask = ask
    result = plugin.run(task_vars={"inventory_hostname": "web1", **(task_vars or {})})
    assert not left
    return result, asked


def ended(decision=None, hold=None):
    hold = dict(HELD, held=True, token="t") if hold is None else hold
    return {
        window_units.HOLD: hold,
        window_units.DECISION: OPEN if decision is None else decision,
    }


def test_a_hold_is_one_question():
    result, asked = run("hold", HELD, token="t")
    assert result["held"] and result["token"] == "t" and len(asked) == 1
    assert asked[0][0] == "apply" and asked[0][1]["state"] == "quiesced"
    assert not {"resume", "whole_play", "step"} & set(asked[0][1])


def test_a_failed_hold_still_asks_what_is_held():
    result, asked = run("hold", {"failed": True, "msg": "full"}, {"holds": [HOLD]}, token="t")
    assert result["failed"] and result["holds"] == [HOLD] and not result["held"]
    assert asked[1] == ("info", {"name": ["a"], "scope": "system", "java": None})
    result, asked = run("hold", dict(HELD, failed=True), token="t")
    assert result["holds"] == [HOLD] and len(asked) == 1


def test_a_host_that_is_lost_while_it_is_held():
    result, asked = run("hold", LOST, LOST, token="t")
    assert result["unreachable"] and result["msg"] == "no route" and not result["held"]
    result, asked = run("hold", LOST, {"holds": [HOLD]}, token="t")
    assert result["failed"] and "unreachable" not in result and result["holds"] == [HOLD]
    assert result["msg"] == "unreachable: no route"


@pytest.mark.parametrize(
    "change, token",
    [({}, "old"), ({"owner": "x"}, "t"), ({"reason": "x"}, "t"), ({"token": None}, "t")],
)
def test_only_a_window_of_the_same_owner_and_reason_is_taken_up(change, token):
    found = {
        "holds": [dict(HOLD, token="old", **change) if "token" not in change else HOLD | change]
    }
    result, asked = run("hold", found, HELD, token="t", resume=True)
    assert result["token"] == token == asked[1][1]["token"]


def test_a_renewal_fails_where_the_units_were_up_meanwhile():
    result, asked = run("renew", HELD, task_vars=ended(), lease="1h")
    assert not result.get("failed") and asked[0][1]["token"] == "t"
    later = dict(HELD, holds=[dict(HOLD, since="2")])
    result, asked = run("renew", later, task_vars=ended(), lease="1h")
    assert result["failed"] and "lease of 1h ended" in result["msg"]
    assert run("renew", check=True, task_vars=ended())[0]["skipped"]


def test_a_release_starts_nothing_that_is_not_held():
    result, asked = run("release", BACK, task_vars=ended(), lease="1h")
    assert result["released"] and not result.get("failed") and result["msg"] == "back"
    assert asked[0][1]["held_only"] is True and asked[0][1]["lease"] is None
    assert asked[0][1]["token"] == "t"


def test_a_lease_that_ended_before_the_tasks_is_a_failure():
    nothing = {"changed": False, "holds": [], "members": [], "msg": "not held"}
    result, asked = run("release", nothing, task_vars=ended(), lease="1h")
    assert result["failed"] and result["released"] and "the lease of 1h was over" in result["msg"]
    two = dict(HELD, holds=[HOLD, dict(HOLD, subject="b.service")], held=True, token="t")
    result, asked = run("release", BACK, task_vars=ended(hold=two))
    assert result["failed"] and result["msg"].startswith("b.service was no longer held")
    assert not run("release", nothing, check=True, task_vars=ended())[0].get("failed")


@pytest.mark.parametrize(
    "decision, why",
    [
        ({"open": False, "brief": "web2 is in the way"}, "web2 is in the way"),
        ({"open": True, "absent": {"web1": "gone"}}, "which may be missing: gone"),
        ({}, "The window did not open"),
    ],
)
def test_where_the_tasks_did_not_run_what_is_held_is_released_and_the_host_fails(decision, why):
    result, asked = run("release", BACK, task_vars=ended(decision))
    assert result["failed"] and result["released"] and why in result["msg"]
    foreign = dict(HELD, failed=True, holds=[dict(HOLD, token="another's")], token="t")
    result, asked = run("release", task_vars=ended(decision, foreign))
    assert result["failed"] and result["released"] and not asked
    result, asked = run("release", {"failed": True, "msg": "masked"}, task_vars=ended(decision))
    assert result["failed"] and not result["released"] and result["msg"].endswith(" masked")


def test_a_host_that_is_a_window_of_its_own():
    result, asked = run("release", BACK, task_vars=ended({}), whole_play=False)
    assert not result.get("failed")
    failed = {"failed": True, "msg": "full", "holds": [], "held": False, "token": "t"}
    result, asked = run("release", task_vars=ended({}, failed), whole_play=False)
    assert result["failed"] and result["msg"] == "full" and not asked
