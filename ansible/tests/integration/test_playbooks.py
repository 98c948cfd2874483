# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's playbooks, on hosts of which one cannot be reached, and the record of a window."""

from __future__ import annotations

import json
import re

import pytest

HELD = ["inactive", "inactive"]
UP = ["active", "active"]


def states(hosts):
    return [
        host.sh("systemctl is-active myapi.service myapi.socket || true").split() for host in hosts
    ]


def said(run, task):
    """What a task that failed said, for all hosts."""
    return " ".join(
        str(event["result"].get("msg"))
        for event in run.events
        if event["task"].split(" : ")[-1] == task and event["status"] == "failed"
    )


@pytest.fixture
def playbook(ansible, tmp_path):
    """Runs a playbook of the collection, with a host that cannot be reached if asked to."""

    def run(name, dark=False, on=None, check=False, **variables):
        text = f"- ansible.builtin.import_playbook: quietus.systemd.{name}\n"
        if dark:
            text = (
                "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
                "    - ansible.builtin.add_host: {name: dark, groups: lab, ansible_host: 127.0.0.1, ansible_port: 1}\n"
            ) + text
        return ansible(
            "\n" + text,
            *(["--check"] if check else []),
            on=on,
            variables={"quietus_hosts": "lab", **variables},
        ).clean()

    return run


def test_holds_on_all_hosts_or_on_none(playbook, hosts, released, tmp_path):
    wanted = dict(quietus_names="myapi", quietus_reason="new disks")
    run = playbook("hold", dark=True, **wanted)
    message = said(run, "Fail where a host is missing")
    assert run.status == 2, run.text
    assert re.search(r"1 of 3 hosts could not be held\. dark: .*127", message), run.text
    assert "So no host is held by this run." in message
    assert states(hosts) == [UP] * 2
    assert all(host.sh("ls -A /etc/quietus/holds 2>/dev/null || true") == "" for host in hosts)

    playbook("hold", dark=True, quietus_may_miss="dark", **wanted).ok()
    assert states(hosts) == [HELD] * 2

    path = tmp_path / "holds.json"
    run = playbook("holds", dark=True, quietus_json=str(path))
    assert run.status == 2
    assert said(run, "Fail where hosts did not answer").endswith("not shown: dark.")
    written = json.loads(path.read_text())
    assert sorted(
        (one["host"], one["subject"], one["reason"]) for one in written["holds"]
    ) == sorted((host.name, "myapi.service", "new disks") for host in hosts) and [
        one["host"] for one in written["missing"]
    ] == ["dark"]
    lines = run.text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("host "))
    end = next(i for i, line in enumerate(lines) if line.startswith("Not reached: dark: "))
    assert max(map(len, lines[start:end])) <= 120 and "2 holds on 2 hosts." in lines[start:end]

    run = playbook("release", dark=True, quietus_names="myapi")
    assert run.status == 2 and said(run, "Fail where units may still be held").startswith(
        "Units may still be held here: "
    )
    assert states(hosts) == [UP] * 2
    assert not any(
        event["result"].get("changed")
        for event in playbook("release", quietus_names="myapi").events
    )
    assert playbook("holds").status == 0


def test_what_somebody_else_holds_stays_and_the_others_stay_up(playbook, ansible, hosts, released):
    other = "name=myapi state=quiesced reason=disks owner=somebody@else"
    ansible("-b", "-m", "quietus.systemd.unit_family", "-a", other, on=hosts[1:]).ok()
    run = playbook("hold", quietus_names="myapi", quietus_reason="r")
    message = said(run, "Fail where a host is missing")
    assert run.status == 2 and "1 of 2 hosts" in message and "disks" in message
    assert states(hosts) == [UP, HELD]
    run = playbook("release", quietus_names="myapi")
    assert run.status == 2 and states(hosts) == [UP, HELD]
    playbook("release", quietus_names="myapi", quietus_takeover=True).ok()
    assert states(hosts) == [UP] * 2
    run = playbook("hold", quietus_names="myapi")
    assert run.status == 2 and "quietus_reason" in run.text and states(hosts) == [UP] * 2


def test_what_was_held_before_stays_and_what_was_held_just_now_does_not(
    playbook, ansible, hosts, released
):
    before = "name=myapi state=quiesced reason=disks"
    ansible("-b", "-m", "quietus.systemd.unit_family", "-a", before, on=hosts[1:]).ok()
    run = playbook("hold", dark=True, quietus_names="myapi,cron", quietus_reason="r")
    assert run.status == 2 and "So no host is held by this run." in run.text
    assert states(hosts) == [UP, HELD]
    assert [host.sh("ls /etc/quietus/holds || true") for host in hosts] == ["", "myapi.service"]
    assert [host.state("cron.service") for host in hosts] == ["active"] * 2


WINDOW = """
- hosts: lab
  gather_facts: false
  roles:
    - role: quietus.systemd.maintenance_window
      vars:
        maintenance_window_units: [myapi]
        maintenance_window_tasks: ["{{ playbook_dir }}/tasks.yml"]
        maintenance_window_reason: <b>migration 42</b>
        maintenance_window_report: "{{ playbook_dir }}/records/window"
"""


def test_the_record_of_a_window(ansible, hosts, released, tmp_path):
    (tmp_path / "tasks.yml").write_text(
        f"- name: break\n  ansible.builtin.fail: {{msg: broken}}\n  when: inventory_hostname == '{hosts[1].name}'\n"
    )
    run = ansible(WINDOW, "-e", "maintenance_window_resume=true").clean()  # a text, not a boolean
    assert run.status == 2 and states(hosts) == [UP] * 2
    text = (tmp_path / "records/window.md").read_text()
    for host, outcome in zip(hosts, ("released", "released, the tasks failed")):
        assert re.search(
            rf"^\| {host.name} \| {outcome} \| [\d:]+ \| [\d:]+ \| [\d.]+ s \| 4 of 4 \| 0 \|$",
            text,
            re.MULTILINE,
        ), text
        assert (
            f"| {host.name} | report.service | dependent | active (running) | active (running) |"
            in text
        )
    page = (tmp_path / "records/window.html").read_text()
    assert page.count("<rect") == 6 and "&lt;b&gt;migration 42&lt;/b&gt;" in page
    assert "<b>migration" not in page and "<b>migration" not in text
