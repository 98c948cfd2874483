# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The story: held against everything that would start it, then restored; with every way to become root."""

from __future__ import annotations

import pathlib

import pytest

PLAYBOOK = pathlib.Path(__file__).parent / "story.yml"
MEMBERS = ["myapi.service", "myapi.socket", "myapi.timer", "report.service"]


@pytest.mark.parametrize(
    "user, pipelining, variables",
    [
        ("root", True, {}),
        ("deploy", True, {}),
        ("deploy", False, {}),
        ("admin", True, {}),
        ("admin", False, {}),
        ("admin", True, {"ansible_become_method": "su", "ansible_become_password": "secret"}),
        ("deploy", False, {"ansible_connection": "inputless"}),
    ],
    ids=["root", "sudo", "sudo-unpipelined", "password", "password-unpipelined", "su", "inputless"],
)
def test_the_story(ansible, hosts, released, user, pipelining, variables):
    for host in hosts:
        host.sh("echo root:secret | chpasswd; rm -rf /var/cache/quietus")
    before = {
        host.name: (
            host.starts(),
            host.sh("systemctl is-enabled myapi.service myapi.socket myapi.timer"),
        )
        for host in hosts
    }
    run = ansible(PLAYBOOK, user=user, pipelining=pipelining, variables=variables).ok()

    for host in hosts:
        (quiesced,) = run.of("Quiesce", host.name)
        assert quiesced["changed"] and not quiesced.get("failed")
        assert sorted(member["unit"] for member in quiesced["members"]) == MEMBERS
        assert quiesced["holds"][0]["reason"] == 'migration "42" für alle'
        assert (
            quiesced["holds"][0]["by"].startswith("ansible from ")
            and 'play "The story"' in quiesced["holds"][0]["by"]
        )
        assert not run.of("Quiesce again", host.name)[0]["changed"]
        assert run.of("Look", host.name)[0]["holds"][0]["subject"] == "myapi.service"
        assert run.of("Release", host.name)[0]["changed"]
        assert not run.of("Release again", host.name)[0]["changed"]
        assert (
            run.of("Count starts while held", host.name)[0]["stdout"]
            == run.of("Count starts before", host.name)[0]["stdout"]
        )

        (predicted,) = run.of("Predict", host.name)
        assert predicted["changed"]
        assert [(m["unit"], m["before"], m["after"]) for m in predicted["members"]] == [
            (m["unit"], m["before"], m["after"]) for m in quiesced["members"]
        ]

        assert [host.state(unit) for unit in MEMBERS] == ["active"] * 4
        assert host.starts() == before[host.name][0] + 1
        assert (
            host.sh("systemctl is-enabled myapi.service myapi.socket myapi.timer")
            == before[host.name][1]
        )
