# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command prints, read by the controller or by a module."""

from __future__ import annotations

import json

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import answers


def test_the_report_is_found_among_noise():
    report = json.dumps(
        {"changed": False, "msg": "fine", "members": [{"unit": "ä.service"}]}, ensure_ascii=False
    )
    output = answers.Output(0, 'Welcome to {host}\r\n{"motd": 1}\n' + report + "\r\nlogout\n", "")
    assert output.report["members"][0]["unit"] == "ä.service"
    assert answers.Output(0, "Welcome " + report, "").report["msg"] == "fine"


@pytest.mark.parametrize(
    "stdout", ["", '{"changed": true', "{}", "[1]", '{"failed": true}', '"text"', "null"]
)
def test_what_is_no_report_is_not_taken_for_one(stdout):
    output = answers.Output(3, stdout, "Exception in thread main\n\tat x.y.z")
    assert output.report is None
    assert "exit status 3" in output.problem()
    assert "Exception in thread main" in output.problem()


def test_a_long_error_is_cut():
    assert len(answers.Output(1, "", "x" * 10000).problem()) < 1000


@pytest.mark.parametrize(
    "line, version",
    [
        ('openjdk version "11.0.2" 2019', "11"),
        ('java version "1.8.0_292"', "8"),
        ('openjdk version "16" 2021', "16"),
    ],
)
def test_an_old_java_is_named_with_its_version(line, version):
    text = answers.Output(0, "quietus-shell: java /usr/bin/java\n" + line, "").old_java
    assert f"(/usr/bin/java) is version {version}, and the agent needs 17" in text


@pytest.mark.parametrize(
    "line",
    [
        'openjdk version "17.0.15" 2025',
        'openjdk version "25" 2025',
        "nonsense",
        f'version "{"9" * 9999}"',
    ],
)
def test_a_java_that_is_new_enough_is_accepted(line):
    assert answers.Output(0, line, "").old_java is None
