# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options to request, report to result."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import unit_family
from conftest import QUIESCE_REQUEST, REPORT


@pytest.mark.parametrize(
    "text, value",
    [
        ("90", 90),
        (90, 90),
        ("0", 0),
        ("90s", 90),
        ("5m", 300),
        ("5min", 300),
        ("2h", 7200),
        ("1d", 86400),
        ("1h30m", 5400),
        (" 1h 30m ", 5400),
    ],
)
def test_durations(text, value):
    assert unit_family.seconds(text) == value


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "5 weeks", "1.5h", "m5", "5m!", True, "5,5", "1h,30m"]
)
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is no duration"):
        unit_family.seconds(text)


def params(**more):
    given = {
        key: option.get("default") for key, option in unit_family.argument_spec("apply").items()
    }
    given.update(name=["myapi"], state="quiesced")
    given.update(more)
    return given


def test_a_request_has_what_was_given_and_the_defaults():
    assert unit_family.request(params(lease="2h", reason="migration"), check=False) == {
        **QUIESCE_REQUEST,
        "lease": 7200,
        "reason": "migration",
    }


def test_a_reason_of_several_lines_becomes_one():
    given = params(reason="migration 42\n  see the ticket\n")
    assert unit_family.request(given, check=False)["reason"] == "migration 42 see the ticket"


@pytest.mark.parametrize("option, value", [("drain", "5s"), ("lease", "1h")])
def test_what_only_a_hold_has_is_refused_for_a_release(option, value):
    with pytest.raises(ValueError, match=option):
        unit_family.request(params(state="running", **{option: value}), check=False)


def test_a_request_for_check_mode_says_so():
    assert unit_family.request(params(), check=True)["check"] is True


def test_an_info_request_has_no_more_than_names_and_scope():
    assert unit_family.request({"name": ["a", "b"], "scope": "user", "java": None}, check=True) == {
        "names": ["a", "b"],
        "scope": "user",
    }


def test_an_info_request_without_names_asks_for_all():
    assert unit_family.request({"name": None, "scope": "system", "java": None}, check=False) == {
        "scope": "system"
    }


def test_an_info_request_asks_for_more_only_where_the_task_does():
    task = {"name": ["a"], "scope": "system", "java": None, "started_by": False, "graph": None}
    assert unit_family.request(task, check=False) == {"names": ["a"], "scope": "system"}
    task.update(started_by=True, graph="svg")
    assert unit_family.request(task, check=False) == {
        "names": ["a"],
        "scope": "system",
        "started_by": True,
        "graph": "svg",
    }


@pytest.mark.parametrize("names", [None, ["a", "b"]])
def test_a_picture_is_of_one_family(names):
    task = {"name": names, "scope": "system", "java": None, "graph": "dot"}
    with pytest.raises(ValueError, match="graph: it goes with one name"):
        unit_family.request(task, check=False)


def test_a_bad_duration_is_named_by_its_option():
    with pytest.raises(ValueError, match='drain: "soon" is no duration'):
        unit_family.request(params(drain="soon"), check=False)


def test_no_name_is_an_error():
    with pytest.raises(ValueError, match="at least one unit"):
        unit_family.request(params(name=[]), check=False)


def test_a_result_is_the_report():
    result = unit_family.result(REPORT, 0, diff=False)
    assert result == {key: value for key, value in REPORT.items() if key != "warnings"}


def test_an_exit_status_fails_whatever_the_report_says():
    assert unit_family.result(REPORT, 1, diff=False)["failed"] is True


def test_a_diff_has_the_members_before_and_after():
    diff = unit_family.result(REPORT, 0, diff=True)["diff"]
    assert diff["before"] == "myapi.service  active (running)\nmyapi.socket   active (listening)\n"
    assert (
        diff["after"]
        == "myapi.service  inactive (dead), masked\nmyapi.socket   inactive (dead), masked\n"
    )


def test_no_change_has_no_diff():
    assert "diff" not in unit_family.result(dict(REPORT, changed=False), 0, diff=True)


def test_a_diff_accepts_members_without_states():
    report = copy.deepcopy(REPORT)
    report["members"] = [{"unit": "x.service", "before": None}]
    assert "x.service" in unit_family.result(report, 0, diff=True)["diff"]["before"]
