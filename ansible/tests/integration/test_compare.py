# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the project's README that compares Quietus with other ways to keep a service down: measured, and compared with the page."""

from __future__ import annotations

import concurrent.futures

import pytest
from conftest import LAB

README = LAB.parent / "README.md"

COUNT = "ExecStartPre=/bin/sh -c 'echo start >>/var/lib/shop.starts'\n"
#: It says when it is up, so that a start without its socket fails before systemctl returns.
SERVE = (
    'Type=notify\nExecStart=/usr/bin/python3 -c "import itertools, os, socket; listener = socket.socket(fileno=3); '
    "manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); manager.connect(os.environ['NOTIFY_SOCKET']); manager.send(b'READY=1'); "
    '[listener.accept() for i in itertools.count()]"\n'
)
#: Where packages put theirs: systemctl cannot mask a unit file in /etc/systemd/system.
WHERE = "/usr/lib/systemd/system"
UNITS = {
    "shop.service": "[Service]\n"
    + COUNT
    + SERVE
    + "ExecStop=/bin/sh -c 'echo stop >>/var/lib/shop.stops'\n"
    + "[Install]\nWantedBy=multi-user.target\n",
    "shop.socket": "[Socket]\nListenStream=127.0.0.1:8099\n[Install]\nWantedBy=sockets.target\n",
    # longer than the other knocks take, so that it is the last of them
    "shop.timer": "[Timer]\nOnUnitInactiveSec=8s\nAccuracySec=1ms\n[Install]\nWantedBy=timers.target\n",
    "cart.service": "[Unit]\nRequires=shop.service\nAfter=shop.service\n[Service]\nExecStart=/bin/sleep infinity\n",
}
ALL = " ".join(UNITS)
#: In one transaction the socket may find its service running already, and then refuses to start.
START = "systemctl start shop.socket shop.timer; systemctl start shop.service cart.service"

TASK = """
- hosts: lab
  gather_facts: false
  become: true
  tasks:
    - name: Task
      {0}
"""


def builtin(arguments):
    return TASK.format("ansible.builtin.systemd_service: {name: shop.service, " + arguments + "}")


def quietus(state):
    return TASK.format("quietus.systemd.unit_family: {name: shop, state: " + state + "}")


#: Title, how it is stopped, how that is undone. A playbook, or commands of the host's shell.
WAYS = [
    ("`systemctl stop`", "systemctl stop shop", "systemctl start shop"),
    (
        "`systemctl mask --now`",
        "systemctl mask --now shop",
        "systemctl unmask shop; systemctl start shop",
    ),
    (
        "`ansible.builtin.systemd_service`, stopped and masked",
        builtin("state: stopped, masked: true"),
        builtin("state: started, masked: false"),
    ),
    (
        "by hand: stop, then mask each of the four",
        f"systemctl stop {ALL}; systemctl mask {ALL}",
        f"systemctl unmask {ALL}; {START}",
    ),
    ("Quietus", quietus("quiesced"), quietus("running")),
]

CONNECT = (
    "python3 -c \"import socket; socket.create_connection(('127.0.0.1', 8099), 2)\" 2>/dev/null"
)
KNOCKS = [
    ("a connection to its socket starts it", CONNECT),
    ("`systemctl start` starts it", "systemctl start shop"),
    ("a unit that requires it starts it", "systemctl start cart"),
    ("its timer starts it", "true"),
]


@pytest.fixture
def shops(hosts):
    for host in hosts:
        for name, text in UNITS.items():
            host.put(f"{WHERE}/{name}", text)
        host.sh("systemctl daemon-reload; systemctl -q enable shop.service shop.socket shop.timer")
    yield hosts
    for host in hosts:
        host.sh(
            f"systemctl stop {ALL}; systemctl -q unmask {ALL}; systemctl -q disable shop.service shop.socket shop.timer; "
            f"cd {WHERE} && rm -f {ALL}; systemctl daemon-reload; systemctl reset-failed; rm -f /var/lib/shop.*",
            check=False,
        )


def count(host, what):
    return int(host.sh(f"cat /var/lib/shop.{what} 2>/dev/null | wc -l"))


def started(host, knock):
    """Whether a knock starts the service within the time that its timer takes."""
    before = count(host, "starts")
    wait = 100 if knock == "true" else 15
    host.sh(
        f"{knock}; i=0; while [ $i -lt {wait} ] && [ $(cat /var/lib/shop.starts | wc -l) = {before} ]; do sleep 0.1; i=$((i + 1)); done",
        check=False,
    )
    return count(host, "starts") > before


def states(host):
    return {
        unit: host.sh(f"systemctl show --value -p ActiveState -p UnitFileState {unit} | xargs")
        for unit in UNITS
    }


def row(host, ansible, way, undo):
    def do(what):
        if what.startswith("\n"):
            ansible(what, on=[host], name=f"-{host.image}")
        else:
            host.sh(what, check=False)

    host.sh(f"systemctl reset-failed; {START}")
    before, stops = states(host), count(host, "stops")
    do(way)
    down = host.state("shop.service") in ("inactive", "failed")
    cells = ["yes" if down else "**no**", "yes" if count(host, "stops") > stops else "**no**"]
    for _title, knock in KNOCKS:
        was = started(host, knock)
        cells.append("**yes**" if was else "no")
        if was:
            do(way)
    failed = [unit for unit, state in states(host).items() if state.startswith("failed")]
    cells.append(", ".join(f"**{unit}**" for unit in failed) or "none")
    do(undo)
    after = states(host)
    differ = [
        f"**{unit} is {after[unit].split()[0]}**" for unit in UNITS if after[unit] != before[unit]
    ]
    return [*cells, ", ".join(differ) or "yes"]


def measure(host, ansible):
    """The table as README.md has it."""
    columns = [row(host, ansible, way, undo) for _title, way, undo in WAYS]
    titles = [
        "the service is down",
        "`ExecStop=` was run",
        *[title for title, _knock in KNOCKS],
        "failed units meanwhile",
        "afterwards all is as before",
    ]
    lines = [
        "| | " + " | ".join(way[0] for way in WAYS) + " |",
        "| --- " * (len(WAYS) + 1) + "|",
    ]
    for number, title in enumerate(titles):
        lines.append(f"| {title} | " + " | ".join(column[number] for column in columns) + " |")
    return columns, "\n".join(lines)


def test_the_table_of_the_readme_is_what_is_measured_on_each_systemd(shops, ansible):
    """Both hosts at once, since a knock waits most of its time."""
    with concurrent.futures.ThreadPoolExecutor() as threads:
        measured = list(threads.map(lambda host: measure(host, ansible), shops))
    assert len(measured) == 2
    for host, (columns, table) in zip(shops, measured):
        assert columns[-1] == ["yes", "yes", "no", "no", "no", "no", "none", "yes"], host.image
        assert table in README.read_text(), f"measured on {host.image}:\n{table}"
