# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that has neither Java nor Python gets the bundled Java over ssh. QUIETUS_BARE names the suites, with commas."""

from __future__ import annotations

import os

import pytest

SUITES = os.environ.get("QUIETUS_BARE", "bookworm").split(",")
ARCHIVES = os.environ.get("QUIETUS_JAVA_ARCHIVES")

PLAY = """
- hosts: lab
  gather_facts: false
  become: true
  tasks:
    - name: done
      quietus.systemd.unit_family: {{name: cron, state: {state}, {more}}}
"""


@pytest.fixture(scope="module", autouse=True)
def built():
    """ansible/tests/run builds it, and names the directory if that went well."""
    if not ARCHIVES:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("the bundled Java could not be built: .ci/runtime says why")


@pytest.fixture(scope="module")
def hosts():
    """None of the ordinary hosts."""
    return []


@pytest.fixture(params=SUITES)
def bare(request, made, extra):
    image = f"bare:{request.param}"
    host = extra(image)
    assert host.sh("command -v java python3 || true") == ""
    yield host
    host.down()
    del made[image]


@pytest.fixture
def play(ansible, bare):
    """Runs one task on the host; returns its result."""

    def run(state, more, ok=True):
        done = ansible(
            PLAY.format(state=state, more=more),
            on=[bare],
            variables={
                "ansible_python_interpreter": "/nonexistent",
                "quietus_java_archives": ARCHIVES,
            },
        )
        (result,) = (done.ok() if ok else done.clean()).of("done")
        return result

    return run


def wait_for(host, condition):
    host.sh(f"for i in $(seq 600); do {condition} && exit 0; sleep 0.2; done; exit 1")


def test_a_host_without_java_and_python(play, bare):
    told = play("quiesced", "reason: none", ok=False)["msg"]
    assert "There is no Java on this host" in told and '"java: bundled"' in told
    assert bare.sh("ls -A /var/lib/quietus 2>/dev/null || true") == ""

    assert play("quiesced", "java: auto")["changed"]
    assert bare.state("cron") == "inactive"
    assert play("quiesced", "java: bundled")["changed"] is False
    (there,) = bare.sh("ls -Ad /var/lib/quietus/java/*").splitlines()
    others = "-not -user root -o -not -group root -o -perm /022 -o -type l"
    assert bare.sh(f"find {there} {others}") == ""
    assert bare.sh(f"stat -c %a {there}") == "755"
    assert bare.sh(f"cat {there}/legal/java.base/LICENSE | head -1") != ""
    wait_for(bare, "ls /var/cache/quietus/*.sum >/dev/null 2>&1")
    assert play("running", "java: bundled")["changed"]
    assert bare.state("cron") == "active"

    # It is there now, and a lease and the command of a hold need no cache.
    assert play("quiesced", "lease: 8s")["changed"]
    bare.sh("rm -rf /var/cache/quietus")
    wait_for(bare, "systemctl -q is-active cron")
    assert play("quiesced", "reason: again")["changed"]
    bare.sh("rm -rf /var/cache/quietus")
    assert "cron.service" in bare.sh("/var/lib/quietus/quietus release cron")
    assert bare.state("cron") == "active"
    assert (
        bare.sh("/var/lib/quietus/quietus run cron -- systemctl is-active cron || true")
        == "inactive"
    )


ROLE = """
- hosts: lab
  gather_facts: false
  roles:
    - role: quietus.systemd.agent
      vars: {agent_java: bundled}
"""

HELD = """
- hosts: lab
  gather_facts: false
  become: true
  tasks:
    - name: quiesced
      quietus.systemd.unit_family: {name: cron, state: quiesced}
      async: 60
      poll: 1
    - name: running
      quietus.systemd.unit_family: {name: cron, state: running}
"""


def test_the_role_brings_it_ahead_of_time(ansible, made, extra):
    image = f"nojava:{SUITES[0]}"
    host = extra(image)
    try:
        variables = {"quietus_java_archives": ARCHIVES}
        ansible(ROLE, on=[host], variables=variables).ok()
        again = ansible(ROLE, on=[host], variables=variables).ok()
        assert not [event["task"] for event in again.events if event["result"].get("changed")]
        assert host.sh("command -v java || true") == ""
        assert "cron.service is not held" in host.sh("quietus status cron")
        # It is there, so neither the archive nor a variable is needed.
        done = ansible(HELD, on=[host], variables={"quietus_java_archives": "/nonexistent"}).ok()
        assert done.of("quiesced")[0]["changed"] and done.of("running")[0]["changed"]
        absent = {**variables, "agent_state": "absent"}
        ansible(ROLE, on=[host], variables=absent).ok()
        assert host.sh("find / -xdev -name '*quietus*'") == ""
    finally:
        host.down()
        del made[image]
