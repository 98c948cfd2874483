# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role agent on a host that has no Java, with its distribution's packages."""

from __future__ import annotations

PLAY = """
- hosts: lab
  gather_facts: false
  roles: [quietus.systemd.agent]
"""

USE = """
- hosts: lab
  gather_facts: false
  become: true
  tasks:
    - name: quiesced
      quietus.systemd.unit_family: {name: cron, state: quiesced}
"""


def test_a_host_without_java_gets_all_it_needs(ansible, made, extra):
    host = extra("nojava:bookworm")
    try:
        assert (
            host.sh("command -v java; ls /var/lib/apt/lists/*Packages* 2>/dev/null || true") == ""
        )
        ansible(PLAY, on=[host]).ok()
        again = ansible(PLAY, on=[host]).ok()
        assert not [event["task"] for event in again.events if event["result"].get("changed")]
        assert "cron.service is not held" in host.sh("quietus status cron")
        jar = host.sh('stat -c "%n %i" /var/cache/quietus/*.jar')
        ansible(USE, on=[host]).ok()
        assert host.sh('stat -c "%n %i" /var/cache/quietus/*.jar') == jar
        assert "cron.service" in host.sh("quietus holds") and "cron.service" in host.sh(
            "quietus release cron"
        )
    finally:
        host.down()
        del made["nojava:bookworm"]
