# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's recipe of several plays, as the guide has it, and each of its failures."""

from __future__ import annotations

import os
import pathlib
import re

import pytest
from test_playbooks import HELD, UP, states

GUIDE = pathlib.Path(os.environ["QUIETUS_LAB"]).parent / "docs" / "guide.md"


@pytest.fixture
def several(ansible, hosts, extra):
    """Plays the guide's recipe: the ordinary hosts are web hosts, another one has the database."""
    database = extra("nojava:bookworm")

    def run(migrate="touch /run/migrated", spoil=None, dark=False):
        database.sh("rm -f /run/migrated")
        (text,) = re.findall(
            r"^```yaml\n(- name: Hold the web hosts.*?)^```$",
            GUIDE.read_text(),
            re.DOTALL | re.MULTILINE,
        )
        assert "/opt/myapi/migrate" in text
        text = text.replace("/opt/myapi/migrate", migrate)
        groups = (
            "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
            "    - ansible.builtin.add_host: {name: '{{ item }}', groups: web}\n"
            f"      loop: {[host.name for host in hosts]}\n"
            f"    - ansible.builtin.add_host: {{name: {database.name}, groups: db{', ansible_port: 1' if dark else ''}}}\n"
        )
        if spoil:
            text = text.replace(
                "- name: Release the web hosts", spoil + "\n- name: Release the web hosts"
            )
        return ansible("\n" + groups + text, on=[*hosts, database]).clean()

    run.migrated = lambda: database.sh("ls /run/migrated 2>/dev/null || true") != ""
    return run


def test_several_plays(several, hosts, released):
    several().ok()
    assert several.migrated() and states(hosts) == [UP] * 2


def test_several_plays_where_a_web_host_cannot_be_held(several, hosts, released):
    hosts[1].sh("chmod 755 /var/cache; chown 1000 /var/cache")
    try:
        run = several()
    finally:
        hosts[1].sh("chown 0 /var/cache")
    assert run.status == 2 and "1 of 2 hosts could not be held" in run.text
    assert not several.migrated() and states(hosts) == [UP] * 2


def test_several_plays_where_the_migration_fails(several, hosts, released):
    run = several("/bin/false")
    assert run.status == 2 and states(hosts) == [UP] * 2
    assert not several.migrated()


def test_several_plays_where_the_database_host_is_unreachable(several, hosts, released):
    run = several(dark=True)
    assert run.status != 0 and states(hosts) == [UP] * 2, run.text
    assert not several.migrated()


def test_several_plays_where_a_web_host_is_lost_before_the_release(several, hosts, released):
    spoil = (
        f"- hosts: {hosts[1].name}\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.set_fact: {ansible_port: 1}"
    )
    run = several(spoil=spoil)
    assert run.status == 2 and several.migrated()
    assert states(hosts) == [UP, HELD]
    assert "Units may still be held here" in run.text
