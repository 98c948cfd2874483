# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles."""

from __future__ import annotations


def window(directory, tasks, more="", units="[myapi]"):
    path = directory / "window-tasks.yml"
    path.write_text(tasks)
    return f"""
- hosts: lab
  gather_facts: false
  roles:
    - role: quietus.systemd.maintenance_window
      vars:
        maintenance_window_units: {units}
        maintenance_window_tasks: "{{{{ playbook_dir }}}}/window-tasks.yml"
        maintenance_window_reason: migration 42
{more}
"""


STATE = """
- name: look
  ansible.builtin.raw: systemctl is-active myapi.service myapi.socket || true
  changed_when: false
"""


def test_a_window_holds_the_units_while_the_tasks_run(ansible, hosts, released, tmp_path):
    run = ansible(window(tmp_path, STATE)).ok()
    for host in hosts:
        assert run.of("look", host.name)[0]["stdout"].split() == ["inactive", "inactive"]
        assert host.state("myapi.service") == "active"


def test_a_window_that_fails_releases_and_fails(ansible, hosts, released, tmp_path):
    run = ansible(
        window(
            tmp_path, STATE + "- name: break\n  ansible.builtin.fail: {msg: the migration broke}\n"
        )
    ).clean()
    assert run.status == 2 and "the migration broke" in run.text
    for host in hosts:
        assert host.state("myapi.service") == "active" and host.state("myapi.socket") == "active"
        assert host.sh("ls -A /etc/quietus/holds 2>/dev/null || true") == ""


def test_a_window_does_not_touch_what_somebody_else_holds(ansible, host, released, tmp_path):
    ansible(
        "-b",
        "-m",
        "quietus.systemd.unit_family",
        "-a",
        'name=myapi state=quiesced reason="new disks"',
        on=[host],
    ).ok()
    run = ansible(window(tmp_path, STATE), on=[host]).clean()
    text = " ".join(run.text.split())
    assert run.status == 2 and "myapi.service is held by" in text and "new disks" in text
    assert not run.of("look")
    assert host.state("myapi.socket") == "inactive"


def test_a_window_whose_lease_ended_says_so(ansible, host, released, tmp_path):
    run = ansible(
        window(
            tmp_path,
            STATE + "- name: dawdle\n  ansible.builtin.raw: sleep 15\n",
            "        maintenance_window_lease: 5s\n        maintenance_window_timeout: 4s",
        ),
        on=[host],
    ).clean()
    assert run.status == 2 and "no longer held when the tasks ended" in " ".join(run.text.split())
    assert host.state("myapi.service") == "active"


def test_a_window_in_check_mode_touches_nothing(ansible, hosts, released, tmp_path):
    ansible(window(tmp_path, STATE), "--check").ok()
    assert all(host.state("myapi.service") == "active" for host in hosts)


def test_a_window_host_by_host_ends_where_a_migration_fails(ansible, hosts, released, tmp_path):
    play = window(
        tmp_path, STATE + "- name: break\n  ansible.builtin.fail: {msg: the migration broke}\n"
    )
    run = ansible(
        play.replace("hosts: lab", "hosts: lab\n  serial: 1\n  max_fail_percentage: 0")
    ).clean()
    assert run.status == 2 and len(run.of("look")) == 1
    assert run.of("look", hosts[0].name) and not [
        event for event in run.events if event["host"] == hosts[1].name
    ]
    assert [host.state("myapi.service") for host in hosts] == ["active"] * 2


def test_a_window_has_a_lease_unless_told_otherwise(ansible, host, released, tmp_path):
    look = "- name: family\n  become: true\n  quietus.systemd.unit_family_info: {name: myapi}\n"
    run = ansible(window(tmp_path, look), on=[host]).ok()
    assert run.of("family")[0]["holds"][0]["lease"]
    run = ansible(window(tmp_path, look, "        maintenance_window_lease: 0"), on=[host]).ok()
    assert run.of("family")[0]["holds"][0]["lease"] is None


def test_a_window_whose_stop_takes_too_long_does_not_run_its_tasks(
    ansible, host, released, tmp_path
):
    run = ansible(
        window(tmp_path, STATE, "        maintenance_window_timeout: 6s", units="[stubborn]"),
        on=[host],
    ).clean()
    assert run.status == 2 and "stubborn.service did not stop within 6 s" in " ".join(
        run.text.split()
    )
    assert not run.of("look")
    assert host.sh("ls -A /etc/quietus/holds /etc/quietus/releasing") in (
        "",
        "/etc/quietus/holds:\n\n/etc/quietus/releasing:",
    )
    assert host.state("stubborn") == "active"


def test_a_window_requires_units_and_tasks(ansible, host, tmp_path):
    run = ansible(
        "\n- hosts: lab\n  gather_facts: false\n  roles: [quietus.systemd.maintenance_window]\n",
        on=[host],
    ).clean()
    assert (
        run.status == 2
        and "missing required arguments: maintenance_window_reason, maintenance_window_tasks, maintenance_window_units"
        in " ".join(run.text.split())
    )


AGENT = """
- hosts: lab
  gather_facts: false
  roles:
    - role: quietus.systemd.agent
      vars: {agent_java_packages: ["{{ java_package }}"]}
"""


def test_the_agent_ahead_of_time(ansible, host, released):
    variables = {
        "java_package": host.sh('dpkg -S "$(readlink -f "$(command -v java)")" | cut -d: -f1')
    }
    ansible(AGENT, on=[host], variables=variables).ok()
    host.sh("rm -rf /var/cache/quietus")
    check = ansible(AGENT, "--check", on=[host], variables=variables).ok()
    assert (
        any(event["result"].get("changed") for event in check.events)
        and host.sh("ls -d /var/cache/quietus || true") == ""
    )
    ansible(AGENT, on=[host], variables=variables).ok()
    again = ansible(AGENT, on=[host], variables=variables).ok()
    assert not any(event["result"].get("changed") for event in again.events)
    assert "myapi.service" in host.sh("/usr/local/sbin/quietus status myapi")
    assert host.sh(
        "runuser -u deploy -- /usr/local/sbin/quietus status myapi 2>&1", check=False
    ).startswith("quietus: Only root")


METRICS = """
- hosts: lab
  gather_facts: false
  roles:
    - role: quietus.systemd.agent
      vars:
        agent_install_java: false
        agent_metrics_directory: "{{ metrics | default('/var/lib/node_exporter') }}"
        agent_login_message: "{{ metrics is not defined }}"
        agent_state: "{{ state | default('present') }}"
"""


def test_holds_in_the_monitoring_and_nothing_left_of_the_role(ansible, host, released):
    host.sh("mkdir -p /var/lib/node_exporter")
    ansible(METRICS, on=[host]).ok()
    again = ansible(METRICS, on=[host]).ok()
    assert not any(event["result"].get("changed") for event in again.events)
    assert host.sh("ls /usr/local/share/man/man8 | grep -c '^quietus.*[.]8$'") == "11"
    completed = ". /usr/local/share/bash-completion/completions/quietus; COMP_WORDS=(quietus st); COMP_CWORD=1; _complete_quietus; echo $COMPREPLY"
    assert host.sh(f"bash -c '{completed}'") == "status"
    host.sh("quietus quiesce --reason 'new disks' --lease 1h myapi")
    written = "for i in $(seq 300); do grep -q '^quietus_holds {0}$' /var/lib/node_exporter/quietus.prom && exit 0; sleep 0.5; done; exit 1"
    host.sh(written.format(1))
    assert 'quietus_hold_overdue{unit="myapi.service",phase="held"} 0' in host.sh(
        "cat /var/lib/node_exporter/quietus.prom"
    )
    for user in ("root", "deploy"):
        told = host.sh(f"runuser -l {user} -c 'bash -lic true' 2>/dev/null")
        assert 'Quietus holds myapi.service: "new disks"' in told
        assert told.count("To release it: quietus release 'myapi.service'") == 1
    refused = ansible(METRICS, on=[host], variables={"state": "absent"})
    assert refused.status == 2 and "myapi.service: held on this host" in refused.text
    # the cache is cleaned and the command of the role works all the same
    host.sh("rm -rf /var/cache/quietus/* && quietus release myapi")
    assert host.state("myapi") == "active"
    host.sh("rm /var/lib/node_exporter/quietus.prom; systemctl start quietus-metrics")
    host.sh(written.format(0))
    ansible(METRICS, on=[host], variables={"metrics": ""}).ok()
    assert (
        host.sh("ls -A /var/lib/node_exporter; runuser -l root -c 'bash -lic true' 2>/dev/null")
        == ""
    )
    ansible(METRICS, on=[host]).ok()
    ansible(METRICS, on=[host], variables={"state": "absent"}).ok()
    again = ansible(METRICS, on=[host], variables={"state": "absent"}).ok()
    assert not any(event["result"].get("changed") for event in again.events)
    assert host.sh("find / -xdev -name '*quietus*'; rmdir /var/lib/node_exporter") == ""
