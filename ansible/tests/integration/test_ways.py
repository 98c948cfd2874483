# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All the ways in which Ansible runs a task."""

from __future__ import annotations

import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import pytest
from conftest import LAB, call

import ansible as ansible_package

HEAD = """
- hosts: lab
  gather_facts: false
  become: true
  tasks:
"""


def task(name, state="quiesced", more=""):
    """A task of a play: more holds further keywords, one a line."""
    lines = "".join(f"      {line}\n" for line in more.splitlines())
    return f"    - name: {state}\n      quietus.systemd.unit_family: {{name: {name}, state: {state}}}\n{lines}"


@pytest.mark.parametrize("pipelining", [True, False])
def test_async(ansible, hosts, released, pipelining):
    run = ansible(
        HEAD
        + task("myapi", more="async: 60\npoll: 1")
        + """
    - name: start the release
      quietus.systemd.unit_family: {name: myapi, state: running}
      async: 60
      poll: 0
      register: job
    - name: await the release
      ansible.builtin.async_status: {jid: "{{ job.ansible_job_id }}"}
      register: ended
      until: ended is finished
      retries: 60
      delay: 1
""",
        pipelining=pipelining,
    ).ok()
    for host in hosts:
        (quiesced,) = run.of("quiesced", host.name)
        assert quiesced["changed"] and len(quiesced["members"]) == 4
        ended = run.of("await the release", host.name)[-1]
        assert ended["changed"] and ended["state"] == "running"
        assert host.state("myapi.service") == "active"


def test_async_fails_with_the_agents_message(ansible, released):
    run = ansible(HEAD + task("nosuchunit", more="async: 60\npoll: 1")).clean()
    assert run.status == 2
    for result in run.of("quiesced"):
        assert "nosuchunit" in result["msg"]


def test_check_and_diff(ansible, hosts, released):
    run = ansible(HEAD + task("myapi"), "--check", "--diff").ok()
    assert "-myapi.service   active (running)" in run.text
    assert "+myapi.service   inactive (dead), masked" in run.text
    for host in hosts:
        assert run.of("quiesced", host.name)[0]["changed"]
        assert host.state("myapi.service") == "active"
        assert host.sh("ls /etc/quietus/holds 2>/dev/null || true") == ""
    run = ansible(HEAD + task("myapi", "running"), "--diff").ok()
    assert "---" not in run.text and "active (" not in run.text


def test_ad_hoc(ansible, hosts, released):
    run = ansible(
        "-b",
        "-m",
        "quietus.systemd.unit_family",
        "-a",
        'name=myapi state=quiesced reason="new disks"',
    ).ok()
    assert run.text.count("new disks") >= len(hosts)
    assert 'play "' not in run.text
    run = ansible("-b", "-m", "quietus.systemd.unit_family_info", "-a", "name=myapi").ok()
    assert '"phase": "held"' in run.text
    run = ansible("-b", "-m", "quietus.systemd.unit_family_info").ok()
    assert run.text.count("1 hold on this host: myapi.service.") == len(hosts)
    ansible("-b", "-m", "quietus.systemd.unit_family", "-a", "name=myapi state=running").ok()
    run = ansible("-b", "-m", "quietus.systemd.unit_family_info").ok()
    assert run.text.count("Nothing is held on this host.") == len(hosts)


def test_loop_delegate_and_templates(ansible, hosts, released):
    first, second = hosts
    run = ansible(f"""
- hosts: {first.name}
  gather_facts: false
  become: true
  vars: {{what: quiesced}}
  tasks:
    - name: loop
      quietus.systemd.unit_family:
        name: "{{{{ item }}}}"
        state: "{{{{ what }}}}"
      loop: [stubborn, myapi]
      when: item != 'stubborn'
    - name: elsewhere
      quietus.systemd.unit_family: {{name: [myapi], state: quiesced}}
      delegate_to: {second.name}
""").ok()
    assert [item.get("changed") for item in run.of("loop")[0]["results"]] == [False, True]
    assert run.of("elsewhere")[0]["changed"]
    assert [host.state("myapi.socket") for host in hosts] == ["inactive", "inactive"]


def test_serial_throttle_and_defaults(ansible, hosts, released):
    run = ansible(
        """
- hosts: lab
  gather_facts: false
  become: true
  serial: 1
  module_defaults:
    group/quietus.systemd.units: {scope: system}
    quietus.systemd.unit_family: {reason: a default}
  tasks:
"""
        + task("myapi", more="throttle: 1")
    ).ok()
    assert [result["holds"][0]["reason"] for result in run.of("quiesced")] == [
        "a default",
        "a default",
    ]


def test_the_timeout_of_a_task(ansible, host, released):
    run = ansible(HEAD + task("stubborn", more="timeout: 2"), on=[host]).clean()
    assert run.status == 2 and (
        "Timed out after 2" in run.text or "expected time frame (2)" in run.text
    ), run.text
    ansible(HEAD + task("stubborn") + task("stubborn", "running"), on=[host]).ok()
    assert host.state("stubborn") == "active"


def test_the_timeout_of_the_agent(ansible, host, released):
    run = ansible(
        HEAD
        + """
    - name: quiesced
      quietus.systemd.unit_family: {name: stubborn, state: quiesced, timeout: 1s}
    """,
        on=[host],
    ).clean()
    (result,) = run.of("quiesced")
    assert run.status == 2 and "stubborn.service" in result["msg"]
    assert result["holds"][0]["phase"] == "held"


def test_no_log(ansible, host, released):
    run = ansible(HEAD + task("myapi", more="no_log: true"), "-vvv", on=[host]).ok()
    assert "its connections" not in run.text and "censored" in run.text


def test_a_remote_tmp_that_is_noexec(ansible, hosts, released):
    for host in hosts:
        host.sh(
            "mkdir -p /mnt/noexec; mountpoint -q /mnt/noexec || mount -t tmpfs -o noexec,mode=1777 tmpfs /mnt/noexec"
        )
    for more in ("", "async: 60\npoll: 1"):
        ansible(
            HEAD + task("myapi", more=more) + task("myapi", "running", more=more),
            pipelining=False,
            variables={"ansible_remote_tmp": "/mnt/noexec/tmp"},
        ).ok()


@pytest.mark.parametrize("locale", ["C.UTF-8", "de_DE.UTF-8"])
def test_locales(ansible, hosts, released, tmp_path, locale):
    environment = {"LC_ALL": locale, "LANG": locale}
    if locale != "C.UTF-8":
        call("localedef", "-i", "de_DE", "-f", "UTF-8", tmp_path / locale)
        environment["LOCPATH"] = str(tmp_path)
    run = ansible(
        HEAD
        + """
    - name: quiesced
      quietus.systemd.unit_family: {name: myapi, state: quiesced, reason: "Störung – größer"}
      environment: {LC_ALL: de_DE.ISO-8859-1, LANG: POSIX, JAVA_TOOL_OPTIONS: -verbose}
""",
        environment=environment,
    ).ok()
    assert [result["holds"][0]["reason"] for result in run.of("quiesced")] == [
        "Störung – größer"
    ] * 2
    run = ansible(HEAD + task("störung"), environment=environment).clean()
    assert all("'störung' is not a unit name" in result["msg"] for result in run.of("quiesced")), (
        run.text
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"pipelining": False},
        {"user": "root"},
        {"user": "admin", "pipelining": False},
        {"variables": {"ansible_connection": "inputless"}},
    ],
    ids=str,
)
def test_an_error_is_the_agents_sentence(ansible, hosts, settings):
    """By whatever way the task is run."""
    bad = "quietus.systemd.unit_family: {name: nosuchunit, state: quiesced}\n      ignore_errors: true\n"
    run = ansible(
        f"""
- hosts: lab
  gather_facts: false
  become: true
  serial: 1
  tasks:
    - {bad}
    - {bad}      throttle: 1
      timeout: 60
    - {bad}      check_mode: true
    - {bad}      async: 60
      poll: 1
    - {bad}      loop: [1]
    - {bad}      delegate_to: {hosts[0].name}
    - {bad}      environment: {{LC_ALL: de_DE.ISO-8859-1, LANGUAGE: de}}
    - quietus.systemd.unit_family_info: {{name: nosuchunit}}
      ignore_errors: true
    - quietus.systemd.unit_family: {{name: nosuchunit, state: running}}
      async: 60
      poll: 0
      register: job
    - ansible.builtin.async_status: {{jid: "{{{{ job.ansible_job_id }}}}"}}
      register: ended
      until: ended is finished
      retries: 60
      delay: 1
      ignore_errors: true
""",
        on=hosts[:1],
        **settings,
    ).clean()
    results = [
        one
        for event in run.events
        if event["status"] == "failed"
        for one in event["result"].get("results", [event["result"]])
    ]
    assert len(results) == 9, run.text
    assert {result["msg"].split(":")[0] for result in results} == {
        "there is no unit nosuchunit.service on this host"
    }


@pytest.mark.parametrize("pipelining", [True, False])
def test_ssh_with_a_forced_terminal(ansible, hosts, released, pipelining):
    """A terminal does not pass on the end of a request, so the module does the work."""
    host = hosts[0]
    host.sh("rm -rf /var/cache/quietus")
    run = ansible(
        HEAD
        + task("myapi", more="timeout: 120")
        + task("myapi", more="async: 60\npoll: 1")
        + task("myapi", "running", more="timeout: 120"),
        on=[host],
        pipelining=pipelining,
        variables={"ansible_ssh_extra_args": "-tt"},
    ).ok()
    assert [result["changed"] for result in run.of("quiesced")] == [True, False]
    assert run.of("running")[0]["changed"] and host.state("myapi.service") == "active"


def test_fish_as_the_shell(ansible, hosts, released):
    """As the login shell, and as the one that Ansible is told to use."""
    host = hosts[0]
    host.sh(
        "command -v fish || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq fish; } >/dev/null 2>&1; "
        "usermod -s /usr/bin/fish deploy"
    )
    by_module = task("myapi", more="async: 60\npoll: 1")
    try:
        # Where Ansible is told to use it, its temporary directory takes a plugin for fish, and so does async.
        for more, variables in (
            (by_module, {}),
            ("", {"ansible_shell_executable": "/usr/bin/fish"}),
        ):
            play = HEAD + task("myapi") + more + task("myapi", "running")
            run = ansible(play, on=[host], variables=variables).ok()
            assert run.of("quiesced")[0]["changed"] and run.of("running")[0]["changed"]
            assert host.state("myapi.service") == "active"
    finally:
        host.sh("usermod -s /bin/bash deploy")


@pytest.mark.parametrize(
    "setting, told",
    [
        ("secure_path=/usr/sbin:/usr/bin", None),
        ("requiretty", "Defaults:USER !requiretty"),
        ("noexec", "Defaults:USER !noexec"),
    ],
)
def test_hardened_sudo(ansible, hosts, released, setting, told):
    """It works, or the message says what to change and nothing is done."""
    host = hosts[1]
    host.put("/etc/sudoers.d/hardened", f"Defaults {setting}\n", mode="440")
    try:
        for pipelining in (True, False):
            for more in ("", "async: 60\npoll: 1"):
                play = HEAD + task("myapi", more=more) + task("myapi", "running", more=more)
                run = ansible(play, on=[host], pipelining=pipelining)
                if told:
                    assert run.clean().status == 2
                    assert told in run.of("quiesced")[-1]["msg"]
                else:
                    run.ok()
                    assert run.of("quiesced")[-1]["changed"] and run.of("running")[-1]["changed"]
                assert host.state("myapi.service") == "active"
    finally:
        host.sh("rm /etc/sudoers.d/hardened")


def test_somebody_who_is_not_root(ansible, hosts):
    run = ansible(HEAD.replace("become: true", "become: false") + task("myapi")).clean()
    assert run.status == 2
    assert all("become: true" in result["msg"] for result in run.of("quiesced"))


def test_a_wrong_password(ansible, host):
    run = ansible(
        HEAD + task("myapi"),
        on=[host],
        user="admin",
        variables={"ansible_become_password": "wrong"},
    ).clean()
    assert run.status in (2, 4) and (
        "Incorrect sudo password" in run.text or "password" in run.text
    )


def test_no_password_where_one_is_required(ansible, host):
    run = ansible(
        HEAD + task("myapi"), on=[host], user="admin", variables={"ansible_become_password": ""}
    ).clean()
    assert run.status in (2, 4) and "password" in run.text


def test_a_host_that_is_not_there(ansible, host):
    run = ansible(
        HEAD + task("myapi"), on=[host], variables={"ansible_host": "127.0.0.1", "ansible_port": 9}
    ).clean()
    assert run.status == 4 and run.events[0]["status"] == "unreachable"


@pytest.mark.parametrize(
    "more, text",
    [
        ({"name": "nosuchunit"}, "nosuchunit"),
        ({"name": "../../etc/passwd"}, "../../etc/passwd"),
        ({"name": "-H root@elsewhere"}, "-H root@elsewhere"),
        ({"name": ""}, ""),
        ({"name": "x" * 300}, "xxx"),
        ({"name": "a\u0007b"}, ""),
        ({"name": "myapi", "reason": "x" * 501}, "reason"),
        ({"name": "myapi", "timeout": 0}, "timeout"),
        ({"name": "myapi", "timeout": "soon"}, "is no duration"),
        ({"name": "myapi", "state": "stopped"}, "state"),
        ({"name": "myapi", "until": "tomorrow"}, "until"),
        ({"name": "myapi", "nonsense": 1}, "nonsense"),
        ({"name": []}, "at least one unit"),
        ({"name": "dbus"}, "dbus"),
    ],
    ids=str,
)
def test_bad_input(ansible, host, more, text):
    play = [
        {
            "hosts": "lab",
            "gather_facts": False,
            "become": True,
            "tasks": [
                {"name": "quiesced", "quietus.systemd.unit_family": {"state": "quiesced", **more}}
            ],
        }
    ]
    run = ansible(json.dumps(play, ensure_ascii=False), on=[host]).clean()
    assert run.status == 2
    message = run.of("quiesced")[0]["msg"]
    assert text in message and len(message) < 1500
    assert host.sh("ls -A /etc/quietus/holds 2>/dev/null || true") == ""


def test_a_reason_of_several_lines_is_folded(ansible, host, released):
    run = ansible(
        HEAD + task("myapi").replace("state:", 'reason: "two\\n  lines\\n", state:'), on=[host]
    ).ok()
    assert run.of("quiesced")[0]["holds"][0]["reason"] == "two lines"


def test_a_jar_that_was_tampered_with_is_replaced(ansible, host, released):
    ansible(HEAD + task("myapi", "running"), on=[host]).ok()
    host.sh("for jar in /var/cache/quietus/*.jar; do echo evil >$jar; done")
    run = ansible(HEAD + task("myapi", "running"), on=[host]).ok()
    assert "was not the agent that this collection ships" in " ".join(run.text.split())
    assert not run.of("quiesced")
    run = ansible(HEAD + task("myapi", "running"), on=[host]).ok()
    assert "WARNING" not in run.text


@pytest.mark.parametrize(
    "spoil",
    [
        "chmod 777 /var/cache/quietus",
        "chown deploy /var/cache/quietus",
        "mv /var/cache/quietus /var/cache/q; ln -s q /var/cache/quietus",
    ],
)
def test_a_cache_that_others_can_write_is_an_error(ansible, host, spoil):
    ansible(HEAD + task("myapi", "running"), on=[host]).ok()
    host.sh(spoil)
    try:
        run = ansible(HEAD + task("myapi"), on=[host]).clean()
        assert (
            run.status == 2
            and "/var/cache/quietus must be a directory, no link" in run.of("quiesced")[0]["msg"]
        )
        assert host.state("myapi.service") == "active"
    finally:
        host.sh(
            "[ -L /var/cache/quietus ] && rm /var/cache/quietus && mv /var/cache/q /var/cache/quietus; "
            "chown root /var/cache/quietus; chmod 700 /var/cache/quietus",
            check=False,
        )


def test_an_archive_is_made_and_one_that_is_broken_does_no_harm(ansible, host, released):
    host.sh("rm -rf /var/cache/quietus")
    ansible(HEAD + task("myapi", "running"), on=[host]).ok()
    host.sh(
        "for i in $(seq 150); do ls /var/cache/quietus/*-*.[gj]* >/dev/null 2>&1 && break; sleep 0.2; done; ls /var/cache/quietus/*-*.[gj]*"
    )
    host.sh('for archive in /var/cache/quietus/*-*.[gj]*; do truncate -s 4000 "$archive"; done')
    run = ansible(HEAD + task("myapi", "running"), on=[host]).ok()
    assert run.of("running")[0]["changed"] is False


def test_a_host_without_java(ansible, extra):
    run = ansible(
        HEAD + task("cron") + task("cron", more="async: 60\npoll: 1"), on=[extra("nojava:bookworm")]
    ).clean()
    assert run.status == 2
    assert (
        "There is no Java on this host" in run.of("quiesced")[0]["msg"]
        and "quietus.systemd.agent" in run.of("quiesced")[0]["msg"]
    )


def test_a_java_that_is_too_old(ansible, host):
    host.put(
        "/usr/local/bin/java11",
        '#!/bin/sh\n[ "$1" = -version ] && { echo \'openjdk version "11.0.2" 2019-01-15\' >&2; exit 0; }\n'
        'echo "java.lang.UnsupportedClassVersionError: quietus/Main" >&2; exit 1\n',
        "755",
    )
    run = ansible(
        HEAD + task("myapi") + "", on=[host], variables={"quietus_java": "/usr/local/bin/java11"}
    ).clean()
    assert run.status == 2
    assert (
        "(/usr/local/bin/java11) is version 11, and the agent needs 17 or newer"
        in run.of("quiesced")[0]["msg"]
    )


def test_a_host_without_python(ansible, extra):
    host = extra("nopython:bookworm")
    run = ansible(
        HEAD + task("cron") + task("cron", "running"),
        on=[host],
        variables={"ansible_python_interpreter": "/nonexistent"},
    ).ok()
    assert run.of("quiesced")[0]["changed"] and run.of("running")[0]["changed"]
    assert host.state("cron") == "active"


def start_unit_of(user, host):
    """Starts mine.service in a user's own manager; returns the beginning of a systemctl command for it."""
    units = f"/home/{user}/.config/systemd/user"
    host.sh(
        f"loginctl enable-linger {user}; install -d -o {user} -g {user} /home/{user}/.config /home/{user}/.config/systemd {units}"
    )
    host.put(f"{units}/mine.service", "[Service]\nExecStart=/bin/sleep infinity\n")
    systemctl = (
        f"export XDG_RUNTIME_DIR=/run/user/$(id -u {user}); runuser -u {user} -- systemctl --user "
    )
    host.sh(
        f"for i in $(seq 50); do [ -S /run/user/$(id -u {user})/bus ] && break; sleep 0.1; done; "
        f"{systemctl}daemon-reload; {systemctl}start mine"
    )
    return systemctl


def test_units_of_a_user(ansible, host, released):
    user = start_unit_of("deploy", host)
    play = (
        HEAD.replace("become: true", "become: false")
        + """
    - name: quiesced
      quietus.systemd.unit_family: {name: mine, state: quiesced, scope: user}
    - name: running
      quietus.systemd.unit_family: {name: mine, state: running, scope: user}
"""
    )
    run = ansible(play, on=[host]).ok()
    assert run.of("quiesced")[0]["changed"] and run.of("running")[0]["changed"]
    assert host.sh(user + "is-active mine") == "active"
    assert host.sh('stat -c "%U %a" /home/deploy/.cache/quietus') == "deploy 700"


def test_units_of_another_user(ansible, host, released):
    """From one user without rights to another, also in Python (async), where Ansible needs ACLs."""
    user = start_unit_of("admin", host)
    play = (
        HEAD.replace("become: true", "become: true\n  become_user: admin")
        + """
    - name: quiesced
      quietus.systemd.unit_family: {name: mine, state: quiesced, scope: user}
    - name: running
      quietus.systemd.unit_family: {name: mine, state: running, scope: user}
      async: 60
      poll: 1
    - name: system
      quietus.systemd.unit_family: {name: myapi, state: quiesced}
"""
    )
    run = ansible(play, on=[host]).clean()
    assert run.of("quiesced")[0]["changed"] and run.of("running")[0]["changed"]
    assert "Only root can hold units of the system" in run.of("system")[0]["msg"]
    assert host.sh(user + "is-active mine") == "active"


def test_a_local_connection(hosts, released):
    """Ansible itself runs on the host that has the same version of Python."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    fitting = [host for host in hosts if host.sh(f"command -v python{version} || true")]
    assert fitting, f"no host of the lab has Python {version}"
    host = fitting[0]
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path in pathlib.Path(ansible_package.__file__).parents[1].iterdir():
            if path.name != "ansible_test" and not path.name.startswith(
                ("pip", "pytest", "_pytest")
            ):
                archive.add(
                    path,
                    f"site/{path.name}",
                    filter=lambda entry: None if "__pycache__" in entry.name else entry,
                )
        archive.add(
            pathlib.Path(os.environ["QUIETUS_COLLECTIONS"]) / "ansible_collections",
            "collections/ansible_collections",
        )
    subprocess.run(
        [
            str(LAB / "host"),
            "exec",
            host.name,
            "--",
            "sh",
            "-c",
            "mkdir -p /opt/ctl && tar -x -C /opt/ctl",
        ],
        input=stream.getvalue(),
        check=True,
    )
    host.put(
        "/opt/ctl/play.yml",
        HEAD.replace("lab", "all")
        + task("myapi")
        + task("myapi", more="async: 60\npoll: 1")
        + task("myapi", "running"),
    )
    for user, pipelining, options in (
        ("root", 0, ""),
        ("deploy", 0, ""),
        ("admin", 0, "-e ansible_become_password=admin"),
        ("admin", 1, "-e ansible_become_password=admin"),
    ):
        text = host.sh(
            f"cd /opt/ctl; export PYTHONPATH=/opt/ctl/site ANSIBLE_COLLECTIONS_PATH=/opt/ctl/collections "
            f"ANSIBLE_COLLECTIONS_PATHS=/opt/ctl/collections LC_ALL=C.UTF-8 ANSIBLE_PIPELINING={pipelining} HOME=$(getent passwd {user} | cut -d: -f6); "
            f"runuser -u {user} -- python{version} -m ansible playbook -i h, -c local play.yml {options} 2>&1",
            check=False,
        )
        assert "failed=0" in text and "changed=2" in text and "Traceback" not in text, text
