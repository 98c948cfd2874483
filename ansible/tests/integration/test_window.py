# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role maintenance_window on three hosts. The tasks in the window ask every host over HTTP whether it serves."""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from conftest import Host, call

SERVER = """
import http.server, socket
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"healthy")
    def log_message(self, *of): pass
server = http.server.HTTPServer(("", 0), Answer, bind_and_activate=False)
server.socket = socket.socket(fileno=3)
server.serve_forever()
"""
UNITS = {
    "web.service": "[Service]\nExecStart=/usr/bin/python3 /usr/local/lib/web.py\nRestart=always\nTimeoutStopSec=9\n"
    "[Install]\nWantedBy=multi-user.target\n",
    "web.socket": "[Socket]\nListenStream=8081\n[Install]\nWantedBy=sockets.target\n",
}
ASK = """
import json, sys, urllib.request
answers = {}
for pair in sys.argv[1:]:
    host, address = pair.split("=")
    try:
        answers[host] = urllib.request.urlopen("http://%s:8081/" % address, timeout=5).read().decode()
    except OSError as error:
        answers[host] = "down"
print(json.dumps(answers))
"""
SLOW = (
    "mkdir -p /run/systemd/system/web.service.d; printf '[Service]\\nExecStop=/bin/sleep 7\\n' "
    ">/run/systemd/system/web.service.d/test.conf; systemctl daemon-reload"
)
LOST = (
    "mkdir -p /run/systemd/system/web.service.d; printf '[Service]\\nExecStop=+/usr/local/sbin/lose\\n' "
    ">/run/systemd/system/web.service.d/test.conf; systemctl daemon-reload; "
    "printf '#!/bin/sh\\nsystemctl stop --no-block ssh.socket ssh.service\\npkill -KILL sshd\\npkill -KILL -f ^sshd\\nexit 0\\n' "
    ">/usr/local/sbin/lose; chmod 755 /usr/local/sbin/lose"
)
CLEAN = r"""
umount /etc/quietus 2>/dev/null
rm -rf /run/systemd/system/web.service.d /etc/systemd/system/ssh.service.d /usr/local/sbin/lose
[ ! -e /usr/lib/jvm.off ] || mv /usr/lib/jvm.off /usr/lib/jvm
[ ! -L /etc/systemd/system/web.service ] || rm /etc/systemd/system/web.service
[ ! -e /root/web.service ] || mv /root/web.* /usr/lib/systemd/system/
grep -qs damaged /etc/quietus/holds/web.service && rm -f /etc/quietus/holds/web.service
systemctl daemon-reload
systemctl start ssh.service
for h in /etc/quietus/holds/* /etc/quietus/releasing/*; do
  [ ! -e "$h" ] || java -jar "$(ls -S /var/cache/quietus/*.jar | head -1)" release "${h##*/}" >&2
done
systemctl -q enable web.service web.socket 2>/dev/null
systemctl is-active -q web.socket || { systemctl stop web.service; systemctl start web.socket; }
systemctl start web.service
find /etc/quietus -type f 2>/dev/null
"""


class WebHost(Host):
    def __init__(self, suite, name):
        super().__init__(suite, name)
        self.address = call(os.environ["QUIETUS_LAB"] + "/host", "ip", self.name).stdout.strip()
        self.put("/usr/local/lib/web.py", SERVER)
        for unit, text in UNITS.items():
            self.put(f"/usr/lib/systemd/system/{unit}", text)

    def is_up(self):
        """True when it is up and answers; an answer may take as long as the service needs to begin."""
        try:
            with urllib.request.urlopen(f"http://{self.address}:8081/", timeout=20) as answer:
                return answer.read() == b"healthy" and self.state("web.service") == "active"
        except (urllib.error.URLError, OSError):
            return False

    def is_held(self):
        return (
            self.sh("ls /etc/quietus/holds /etc/quietus/releasing 2>/dev/null | grep web || true")
            != ""
        )


@pytest.fixture(scope="module")
def webs():
    hosts = []
    try:
        for name, suite in (("web1", "bookworm"), ("web2", "trixie"), ("web3", "bookworm")):
            hosts.append(WebHost(suite, name))
        yield hosts
    finally:
        for host in hosts:
            host.down()


@pytest.fixture
def web(webs):
    """The three hosts, serving, and nothing held; also afterwards."""
    for host in webs:
        assert host.sh(CLEAN, check=False) == ""
        assert host.is_up()
    yield webs
    for host in webs:
        host.sh(CLEAN, check=False)


ASKED = """
- name: ask
  ansible.builtin.command: "{{ ask }}"
  delegate_to: localhost
  become: false
  connection: local
  changed_when: false
"""
MIGRATE = """
- name: migrate
  ansible.builtin.raw: date
  changed_when: false
  run_once: true
"""


@pytest.fixture
def window(ansible, web, tmp_path):
    """Plays a window on the three hosts."""

    def play(
        tasks=ASKED + MIGRATE + ASKED,
        head="",
        role="",
        after="",
        name="",
        title="the play",
        reason="migration 42",
        **options,
    ):
        (tmp_path / "ask.py").write_text(ASK)
        files = []
        for number, text in enumerate([tasks] if isinstance(tasks, str) else tasks):
            files.append(tmp_path / f"tasks{name}{number}.yml")
            files[-1].write_text(text)
        ask = " ".join(
            [
                sys.executable,
                str(tmp_path / "ask.py"),
                *(f"{host.name}={host.address}" for host in web),
            ]
        )
        text = f"""
- {"name: " + title if title else ""}
  hosts: lab
  gather_facts: false
{head}
  tasks:
    - ansible.builtin.include_role: {{name: quietus.systemd.maintenance_window}}
      vars:
        ask: {json.dumps(ask)}
        maintenance_window_units: [web]
        maintenance_window_tasks: {json.dumps([str(path) for path in files])}
        maintenance_window_reason: {json.dumps(reason)}
{role}
    - name: later
      ansible.builtin.debug: {{msg: later}}
{after}
"""
        options.setdefault("on", web)
        run = ansible(text, name=name, **options)
        for sign in ("Traceback", "\tat ", "recursive loop", "is undefined"):
            assert sign not in run.text, run.text
        run.text = " ".join(run.text.split())
        return run

    return play


def answers(run):
    """What each host answered the tasks, each time they asked."""
    return [answer for result in run.of("ask") for answer in json.loads(result["stdout"]).values()]


def unreachable(host):
    return f"[lab]\n{host.name} ansible_port=1\n"


def nobody_served(run):
    assert answers(run), run.text
    assert set(answers(run)) == {"down"}, run.text


def did_not_open(run, host, *why):
    """No host ran the tasks, every host failed, and the message names the host that could not be held."""
    assert run.status in (2, 4), run.text
    assert not run.of("ask") and not run.of("migrate") and not run.of("later"), run.text
    (decision,) = run.of("Decide whether all hosts are held")
    assert decision["open"] is False
    (line,) = [line for line in decision["msg"] if line.startswith(host.name)]
    for word in why:
        assert word in line, line
    assert len(decision["msg"]) == 2 or "resume" in decision["msg"][-1], decision["msg"]


def all_up(hosts):
    assert [(host.is_up(), host.is_held()) for host in hosts] == [(True, False)] * len(hosts)


# One host cannot be held: no host runs the tasks, and all units are as before.


def test_nobody_serves_while_the_tasks_run(window, web):
    run = window().ok()
    assert len(run.of("ask")) == 6 and len(run.of("migrate")) == 1 and len(run.of("later")) == 3
    nobody_served(run)
    (decision,) = run.of("Decide whether all hosts are held")
    assert "3 hosts" in decision["msg"][0] and "released by themselves at" in decision["msg"][1]
    assert "released by themselves at" in run.text
    all_up(web)


test_nobody_serves_while_the_tasks_run = pytest.mark.short(test_nobody_serves_while_the_tasks_run)

#: What is done to the second host before, what the message says of it, variables of the window.
OBSTACLES = {
    "slow to stop": (SLOW, ["did not stop within 2 s"], "        maintenance_window_timeout: 2s"),
    "without Java": ("mv /usr/lib/jvm /usr/lib/jvm.off", ["no Java"], ""),
    "with a protected unit": (
        "mkdir -p /etc/systemd/system/ssh.service.d; printf '[Unit]\\nRequires=web.service\\n' >/etc/systemd/system/ssh.service.d/test.conf; "
        "systemctl daemon-reload",
        ["ssh.service"],
        "",
    ),
    "without the unit": (
        "systemctl stop web.socket web.service; mv /usr/lib/systemd/system/web.service /usr/lib/systemd/system/web.socket /root/; "
        "systemctl -q disable web.socket web.service; systemctl daemon-reload",
        ["there is no unit web.service"],
        "",
    ),
    "with a damaged record": (
        "mkdir -p -m 700 /etc/quietus/holds && echo damaged >/etc/quietus/holds/web.service",
        ["/etc/quietus/holds/web.service"],
        "",
    ),
    "with a full disk": (
        "mkdir -p -m 700 /etc/quietus && mount -t tmpfs -o size=8k,mode=700 none /etc/quietus && { head -c 8192 /dev/zero >/etc/quietus/full || true; }",
        ["/etc/quietus"],
        "",
    ),
}


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(what, marks=pytest.mark.short if what == "slow to stop" else ())
        for what in OBSTACLES
    ],
)
def test_a_host_that_cannot_be_held_stops_the_window_of_all(window, web, what):
    prepare, why, role = OBSTACLES[what]
    web[1].sh(prepare)
    run = window(role=role)
    did_not_open(run, web[1], *why)
    web[1].sh(
        "umount /etc/quietus; rm -f /etc/quietus/full; grep -qs damaged /etc/quietus/holds/web.service && rm /etc/quietus/holds/web.service",
        check=False,
    )
    assert web[1].is_up() == (what != "without the unit") and not web[1].is_held()
    all_up([web[0], web[2]])


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(False, id="from the start"),
        pytest.param(True, id="at its facts", marks=pytest.mark.short),
    ],
)
def test_a_host_that_is_unreachable_stops_the_window_of_all(window, web, facts):
    run = window(
        head="  pre_tasks: [{ansible.builtin.setup: {gather_subset: ['!all']}}]" if facts else "",
        amend=unreachable(web[1]),
    )
    did_not_open(run, web[1], "it left the play before the window" if facts else "unreachable: ")
    all_up(web)


def test_a_host_that_failed_before_stops_the_window_of_all(window, web):
    run = window(
        head=f"  pre_tasks: [{{name: early, ansible.builtin.fail: {{msg: early}}, when: inventory_hostname == '{web[1].name}'}}]"
    )
    did_not_open(run, web[1], "it left the play before the window")
    all_up(web)


def test_a_host_that_is_lost_while_others_are_held_stops_the_window_of_all(window, web):
    web[1].sh(LOST)
    run = window()
    did_not_open(run, web[1], "unreachable: ")
    all_up([web[0], web[2]])
    assert not web[1].is_up() or not web[1].is_held()


def test_what_somebody_else_holds_stops_the_window_of_all(window, ansible, web):
    ansible(
        "-b",
        "-m",
        "quietus.systemd.unit_family",
        "-a",
        'name=web state=quiesced reason="new disks" owner=jo@elsewhere by="Jo"',
        on=[web[1]],
    ).ok()
    run = window()
    did_not_open(run, web[1], "is held by Jo", "new disks", "takeover")
    assert web[1].is_held() and not web[1].is_up()
    all_up([web[0], web[2]])
    nobody_served(window(role="        maintenance_window_takeover: true").ok())
    all_up(web)


def test_hosts_that_may_be_missing_are_named(window, web):
    run = window(
        amend=unreachable(web[1]),
        role=f"        maintenance_window_may_miss: [{web[1].name}]",
    )
    assert run.status == 2 and len(run.of("ask")) == 4 and len(run.of("later")) == 2
    (decision,) = run.of("Decide whether all hosts are held")
    assert (
        decision["open"]
        and f"Missing, as allowed: {web[1].name}: unreachable" in decision["msg"][2]
    )
    for result in run.of("ask"):
        assert sorted(json.loads(result["stdout"]).values()) == ["down", "down", "healthy"]
    all_up(web)


# What happens in the tasks.

FAILS = "- name: break\n  ansible.builtin.fail: {msg: the migration broke}\n"


def where(tasks, host):
    return tasks.rstrip() + f"\n  when: inventory_hostname == '{host.name}'\n"


@pytest.mark.short
def test_a_host_whose_task_failed_stays_down_until_all_are_done(window, web):
    own = (
        "\n- block: [{ansible.builtin.raw: 'true', changed_when: false}]\n  always:"
        + ASKED.replace("\n", "\n    ")
    )
    run = window(tasks=where(FAILS, web[0]) + MIGRATE + ASKED + own)
    assert run.status == 2 and len(run.of("ask")) == 4 and len(run.of("later")) == 2
    nobody_served(run)
    assert "the migration broke" in run.text
    all_up(web)


@pytest.mark.parametrize("head", ["", "  any_errors_fatal: true", "  max_fail_percentage: 0"])
@pytest.mark.parametrize("once", [False, True])
def test_tasks_that_fail_on_all_hosts_release_all(window, web, head, once):
    run = window(tasks=ASKED + FAILS + ("  run_once: true\n" if once else ""), head=head)
    assert run.status == 2 and not run.of("later")
    nobody_served(run)
    all_up(web)


def test_a_host_whose_delegate_is_unreachable_is_released_by_the_others(window, web):
    tasks = "- name: elsewhere\n  ansible.builtin.raw: 'true'\n  delegate_to: gone\n"
    gone = "[databases]\ngone ansible_host=127.0.0.1 ansible_port=1\n"
    run = window(tasks=where(tasks, web[0]) + ASKED, amend=gone)
    assert run.status == 4 and len(run.of("ask")) == 2
    nobody_served(run)
    assert run.of("Release the hosts that the play lost")[-1]["results"][0]["changed"]
    all_up(web)


def test_a_release_that_fails_keeps_no_other_host_down(window, web):
    mask = where(
        "- name: mask\n  become: true\n  ansible.builtin.raw: ln -s /dev/null /etc/systemd/system/web.service\n",
        web[1],
    )
    run = window(tasks=ASKED + mask)
    assert (
        run.status == 2
        and "is masked by an administrator" in run.text
        and len(run.of("later")) == 2
    )
    nobody_served(run)
    assert web[1].is_held() and not web[1].is_up()
    all_up([web[0], web[2]])


@pytest.mark.parametrize("end", ["end_host", "end_play", "end_batch", "end_role"])
def test_tasks_that_would_end_the_play_are_refused(window, web, end):
    run = window(
        tasks=ASKED
        + f"- block:\n    - name: the end\n      ansible.builtin.meta: {end}\n      when: false\n"
    )
    assert run.status == 2 and f'has "meta: {end}"' in run.text
    assert not run.of("ask") and not run.of("Hold the units")
    all_up(web)


def test_a_host_that_ended_unseen_is_released_by_the_others(window, web, tmp_path):
    (tmp_path / "hidden.yml").write_text(
        where("- name: the end\n  ansible.builtin.meta: end_host\n", web[0])
    )
    run = window(
        tasks=f"- ansible.builtin.include_tasks: \"{{{{ '{tmp_path}' }}}}/hidden.yml\"\n" + ASKED
    ).ok()
    assert len(run.of("ask")) == 2
    nobody_served(run)
    all_up(web)


# The controller.


def interrupt(window, until, **options):
    """Ctrl-C as soon as until() is true."""

    def meanwhile(process):
        deadline = time.monotonic() + 120
        while not until() and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert process.poll() is None, "it ended before"
        os.killpg(process.pid, signal.SIGINT)

    return window(meanwhile=meanwhile, **options)


@pytest.mark.parametrize(
    "stage", ["hold", pytest.param("tasks", marks=pytest.mark.short), "release"]
)
def test_a_window_that_was_interrupted_is_taken_up_by_saying_so(window, web, tmp_path, stage):
    flag = tmp_path / "flag"
    wait = (
        f"- name: wait\n  ansible.builtin.command: sh -c 'touch {flag}; sleep 60'\n"
        "  delegate_to: localhost\n  become: false\n  connection: local\n  run_once: true\n"
    )
    if stage == "hold":
        for host in web:
            host.sh(SLOW)
        interrupt(window, lambda: all(host.is_held() for host in web))
    elif stage == "tasks":
        interrupt(window, flag.exists, tasks=wait)
    else:
        for host in web:
            host.sh(SLOW.replace("ExecStop", "ExecStartPre"))
        interrupt(window, lambda: web[0].sh("ls /etc/quietus/releasing 2>/dev/null || true") != "")
    held = [host.is_held() for host in web]
    assert stage == "release" or all(held)
    if all(held) and stage == "tasks":
        run = window()
        assert (
            run.status == 2
            and not run.of("ask")
            and "-e maintenance_window_resume=true" in run.text
        )
        assert all(host.is_held() for host in web)
    run = window(role="        maintenance_window_resume: true").ok()
    nobody_served(run)
    all_up(web)


@pytest.mark.parametrize(
    "reasons",
    [("migration 42", "migration 42"), ("migration 42", "new disks")],
    ids=["same", "different"],
)
@pytest.mark.parametrize(
    "owners", [("jo@ctl1", "al@ctl2"), ("jo@ctl1", "jo@ctl1")], ids=["two", "one"]
)
def test_two_windows_at_the_same_moment_never_overlap(window, web, reasons, owners):
    runs = {}

    def play(number):
        runs[number] = window(
            name=str(number),
            reason=reasons[number],
            role=f"        maintenance_window_owner: {owners[number]}",
            tasks=ASKED
            + "- name: work\n  ansible.builtin.raw: sleep 3\n  run_once: true\n"
            + ASKED,
        )

    threads = [threading.Thread(target=play, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs.values():
        (decision,) = run.of("Decide whether all hosts are held")
        if decision["open"]:
            assert run.status == 0, run.text
            nobody_served(run)
        else:
            assert (
                run.status == 2
                and not run.of("ask")
                and any("is held by" in line for line in decision["msg"])
            )
    all_up(web)


# The play.


def test_strategies_without_steps_are_refused_unless_each_host_is_a_window(window, web):
    run = window(head="  strategy: free")
    assert run.status == 2 and 'With "strategy: free" hosts do not wait for each other' in run.text
    assert not run.of("ask") and not run.of("Hold the units")
    run = window(
        head="  strategy: free",
        role="        maintenance_window_scope: host",
        tasks=MIGRATE.replace("  run_once: true\n", ""),
    ).ok()
    assert len(run.of("migrate")) == 3
    all_up(web)


def test_with_scope_host_one_host_does_not_stop_the_others(window, web):
    web[1].sh(OBSTACLES["without Java"][0])
    run = window(
        role="        maintenance_window_scope: host",
        tasks=MIGRATE.replace("  run_once: true\n", ""),
    )
    assert run.status == 2 and len(run.of("migrate")) == 2 and len(run.of("later")) == 2
    all_up(web)


def test_a_host_lost_in_one_batch_does_not_stop_the_next(window, web):
    run = window(head="  serial: 1", amend=unreachable(web[0]), tasks=MIGRATE)
    decisions = run.of("Decide whether all hosts are held")
    # Ansible itself ends a play when a whole batch has failed
    assert [decision["open"] for decision in decisions] == [False] and run.status in (2, 4)
    run = window(
        head="  serial: [2, 1]",
        amend=unreachable(web[0]),
        role=f"        maintenance_window_may_miss: [{web[0].name}]",
        tasks=MIGRATE,
    )
    assert [decision["open"] for decision in run.of("Decide whether all hosts are held")] == [
        True,
        True,
    ]
    assert len(run.of("migrate")) == 2 and run.status in (2, 4)
    all_up(web)


def test_several_files_with_a_renewal_between_them(window, web):
    run = window(tasks=[ASKED, MIGRATE + ASKED]).ok()
    assert len(run.of("Renew the lease")) == 3
    nobody_served(run)
    all_up(web)


def test_a_file_does_not_begin_where_the_lease_ended(window, web):
    run = window(
        tasks=["- name: dawdle\n  ansible.builtin.raw: sleep 12\n", MIGRATE],
        role="        maintenance_window_lease: 6s\n        maintenance_window_timeout: 5s",
    )
    assert (
        run.status == 2 and not run.of("migrate") and "before this file of tasks began" in run.text
    )
    all_up(web)


def test_what_was_down_before_stays_down_where_the_lease_ends_before_the_tasks(window, web):
    web[2].sh("systemctl stop web.socket web.service")
    run = window(
        tasks="- name: dawdle\n  ansible.builtin.raw: sleep 14\n",
        role="        maintenance_window_lease: 6s\n        maintenance_window_timeout: 5s",
    )
    assert [web[2].state(unit) for unit in UNITS] == ["inactive"] * 2 and not web[2].is_held()
    all_up(web[:2])
    assert run.status == 2 and not run.of("later"), run.text
    for result in run.of("Release the units"):
        assert "no longer held when the tasks ended" in result["msg"] and not result["changed"]


def test_a_unit_that_does_not_stay_up_after_the_release_fails_its_host(window, web):
    dies = (
        "- name: spoil\n  become: true\n  ansible.builtin.raw: >-\n    mkdir -p /run/systemd/system/web.service.d; "
        "printf '[Service]\\nRestart=no\\nExecStart=\\nExecStart=/bin/sh -c \"sleep 1; exit 3\"\\n' "
        ">/run/systemd/system/web.service.d/test.conf; systemctl daemon-reload\n"
    )
    run = window(tasks=where(dies, web[1]), role="        maintenance_window_settle_after: 5s")
    assert run.status == 2 and len(run.of("later")) == 2, run.text
    (failed,) = [
        event["result"]["msg"]
        for event in run.events
        if event["task"].endswith("Release the units") and event["status"] == "failed"
    ]
    assert "web.service came back and did not stay up" in failed, failed
    all_up([web[0], web[2]])


def test_a_play_without_a_name(window, web):
    run = window(title="").ok()
    assert run.of("Hold the units")[0]["holds"][0]["by"].endswith(' (play "lab")')
    nobody_served(run)
    all_up(web)


def test_200_units_in_one_task(ansible, web):
    names = [f"many-{number}" for number in range(200)]
    web[1].sh(
        "for n in $(seq 0 199); do printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/run/systemd/system/many-$n.service; done; "
        "systemctl daemon-reload; systemctl start $(seq -f many-%g 0 199)"
    )
    text = "".join(
        f"""
    - name: {state}
      become: true
      quietus.systemd.unit_family:
        name: {json.dumps(names)}
        state: {state}
"""
        for state in ("quiesced", "running")
    )
    up = "systemctl list-units --state=active --plain --no-legend 'many-*' | wc -l"
    run = ansible(
        "\n- hosts: lab\n  gather_facts: false\n  tasks:"
        + text.replace(
            "- name: running",
            f"- name: count\n      ansible.builtin.shell: {up}\n\n    - name: running",
        ),
        on=[web[1]],
    ).ok()
    (held,), (count,), (back,) = run.of("quiesced"), run.of("count"), run.of("running")
    assert len(held["holds"]) == len(held["members"]) == 200 and count["stdout"] == "0"
    assert back["holds"] == [] and web[1].sh(up) == "200"
    web[1].sh(
        "systemctl stop $(seq -f many-%g 0 199); rm /run/systemd/system/many-*.service; systemctl daemon-reload"
    )


HAPROXY = """
global
  stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout client 9s
  timeout server 9s
  timeout check 9s
frontend in
  bind :8080
  default_backend app
backend app
  option httpchk GET /
"""


@pytest.fixture
def balancer(web):
    """A host with HAProxy of its distribution before the three."""
    host = Host("bookworm", "lb")
    try:
        host.sh(
            "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq haproxy socat >/dev/null 2>&1"
        )
        servers = "".join(
            f"  server {one.name} {one.address}:8081 check inter 1s rise 1 fall 2\n" for one in web
        )
        host.put("/etc/haproxy/haproxy.cfg", HAPROXY + servers)
        host.sh("systemctl restart haproxy")
        yield host
    finally:
        host.down()


def test_the_recipe_of_the_load_balancer(ansible, web, balancer, tmp_path):
    """The guide's recipe: host by host, and no request fails meanwhile."""
    guide = (pathlib.Path(os.environ["QUIETUS_LAB"]).parent / "docs" / "guide.md").read_text()
    (play,) = re.findall(
        r"^```yaml\n(- name: Host by host, out of the load balancer.*?)^```$",
        guide,
        re.DOTALL | re.MULTILINE,
    )
    assert "delegate_to: lb\n" in play
    play = (
        play.replace("hosts: web\n", f"hosts: lab:!{balancer.name}\n  gather_facts: false\n")
        .replace("delegate_to: lb\n", f"delegate_to: {balancer.name}\n")
        .replace("[myapi]", "[web]")
    )
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks/migrate.yml").write_text(MIGRATE.replace("  run_once: true\n", ""))
    address = call(os.environ["QUIETUS_LAB"] + "/host", "ip", balancer.name).stdout.strip()
    heard, stop = [], threading.Event()

    def clients():
        while not stop.is_set():
            try:
                with urllib.request.urlopen(f"http://{address}:8080/", timeout=20) as answer:
                    heard.append(answer.read().decode())
            except (urllib.error.URLError, OSError) as error:
                heard.append(str(error))
            time.sleep(0.05)  # a client's pace

    asking = threading.Thread(target=clients)
    asking.start()
    try:
        run = ansible("\n" + play, on=[*web, balancer]).ok()
    finally:
        stop.set()
        asking.join()
    assert len(run.of("migrate")) == 3 and set(heard) == {"healthy"} and len(heard) > 20, heard
    states = balancer.sh("echo 'show servers state app' | socat stdio /run/haproxy/admin.sock")
    assert [line.split()[5:7] for line in states.splitlines()[2:]] == [["2", "0"]] * 3, states
    all_up(web)


HANDLER = """
  handlers:
    - name: tell
      ansible.builtin.command: systemctl is-active web.service
      changed_when: false
"""


def test_handlers_run_after_the_release(window, web):
    notify = MIGRATE.replace(
        "  changed_when: false", "  changed_when: true\n  notify: tell"
    ).replace("  run_once: true\n", "")
    run = window(
        tasks=notify,
        after=HANDLER,
    ).ok()
    assert [result["stdout"] for result in run.of("tell")] == ["active"] * 3


def test_what_cannot_be_a_window_is_refused_before_anything_is_touched(window, web):
    for role, why in (
        (
            "        maintenance_window_lease: 60s\n",
            "is not longer than maintenance_window_timeout",
        ),
        (
            "        maintenance_window_lease: soon\n",
            'maintenance_window_lease: "soon" is no duration',
        ),
    ):
        run = window(role=role)
        assert (
            run.status == 2 and why in run.text.replace("\\", "") and not run.of("Hold the units")
        )
    run = window(reason=" \n ")
    assert run.status == 2 and "say why the units are held" in run.text
    run = window(reason="migration\n42\n").ok()
    assert run.of("Hold the units")[0]["holds"][0]["reason"] == "migration 42"
    all_up(web)


def test_a_unit_that_was_down_before_stays_down(window, web):
    """Where the window did not touch a host, it does not start what is enabled there either."""
    web[2].sh("systemctl stop web.socket web.service")
    web[1].sh(OBSTACLES["without Java"][0])
    did_not_open(window(), web[1], "no Java")
    assert (
        web[2].state("web.service") == "inactive"
        and web[2].state("web.socket") == "inactive"
        and not web[2].is_held()
    )
