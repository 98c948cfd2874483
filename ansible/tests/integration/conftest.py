# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ansible-playbook, real ssh, real systemd: the lab's hosts. Run by ansible/tests/run."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import uuid

import documented
import pytest
from ansible.plugins.connection import ssh

HERE = pathlib.Path(__file__).resolve().parent
LAB = pathlib.Path(os.environ["QUIETUS_LAB"])
RUN = f"it-{os.getpid()}"
SUITES = ("bookworm", "trixie")

# ssh, as one of those connection plugins that cannot give a command its standard input.
INPUTLESS = """
from ansible.plugins.connection import ssh


class Connection(ssh.Connection):
    transport = 'inputless'
    has_pipelining = False

    def exec_command(self, cmd, in_data=None, sudoable=True):
        assert not in_data
        return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
"""


def call(*command, data=None, check=True):
    done = subprocess.run(
        [str(word) for word in command], input=data, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done


class Host:
    """A host of the lab."""

    def __init__(self, image, name=""):
        self.image = image
        self.name = f"{RUN}-{name or image.replace(':', '-')}"
        call(LAB / "host", "up", self.name, image)

    def sh(self, script, check=True):
        """Runs a script as root on the host; returns what it printed.

        The engine now and then loses what a command printed (1 of 1,000 with Podman 4.3), so it is kept on the host too, and read again.
        """
        mark = uuid.uuid4().hex
        kept = f"/run/lab-output/{mark}"
        show = f"cat {kept}; echo; echo {mark} $(cat {kept}.status)"
        run = f"mkdir -p /run/lab-output; (\n{script}\n) >{kept} 2>{kept}.errors; echo $? >{kept}.status; {show}"
        for command in [run] + [show] * 5:
            done = call(LAB / "host", "exec", self.name, "--", "sh", "-c", command)
            output, found, status = done.stdout.rpartition(mark)
            if found:
                break
        else:
            raise AssertionError(f"the output of {script!r} on {self.name} was lost six times")
        if check and status.strip() != "0":
            errors = call(LAB / "host", "exec", self.name, "--", "cat", f"{kept}.errors").stdout
            raise AssertionError(f"{script} ended with {status.strip()}: {output}{errors}")
        return output.strip()

    def put(self, path, content, mode="644"):
        call(
            LAB / "host",
            "exec",
            self.name,
            "--",
            "sh",
            "-c",
            f"cat >{path} && chmod {mode} {path}",
            data=content,
        )

    def state(self, unit):
        return self.sh(f"systemctl is-active {unit} || true")

    def starts(self):
        """How often the service was started; it counts its starts itself."""
        return int(self.sh("wc -l </var/lib/myapi.starts"))

    def install_units(self):
        for unit in (HERE / "units").iterdir():
            self.put(f"/etc/systemd/system/{unit.name}", unit.read_text())
        self.sh(
            "systemctl daemon-reload; systemctl -q enable --now myapi.socket myapi.timer myapi.service report.service 2>/dev/null; "
            "systemctl start report.service stubborn.service"
        )

    def down(self):
        call(LAB / "host", "down", self.name, check=False)


@pytest.fixture(scope="session")
def made():
    """Hosts by image, created on first use and removed at the end."""
    hosts = {}
    yield hosts
    for host in hosts.values():
        host.down()


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "short: also where only a short choice of test_window.py runs"
    )


def pytest_collection_modifyitems(config, items):
    """The windows on three hosts take many minutes, so make test plays a few of them; make test-window plays all."""
    if os.environ.get("QUIETUS_WINDOWS") == "short":
        items[:] = [
            item
            for item in items
            if item.path.name != "test_window.py" or item.get_closest_marker("short")
        ]


def get_host(made, image):
    if image not in made:
        made[image] = Host(image)
        if ":" not in image:
            made[image].install_units()
    return made[image]


@pytest.fixture(scope="session")
def hosts(made):
    """The ordinary hosts, with the units of the tests."""
    return [get_host(made, suite) for suite in SUITES]


@pytest.fixture
def host(hosts):
    return hosts[0]


@pytest.fixture
def extra(made):
    """extra(image): a host of another image."""
    return lambda image: get_host(made, image)


class Result:
    """What ansible printed, and each task's result."""

    def __init__(self, done, record):
        self.status = done.returncode
        self.text = done.stdout + done.stderr
        self.events = (
            [json.loads(line) for line in record.read_text().splitlines()]
            if record.exists()
            else []
        )

    def of(self, task, host=None):
        """The results of a task of this name, one for each host."""
        return [
            event["result"]
            for event in self.events
            if event["task"].split(" : ")[-1] == task and host in (None, event["host"])
        ]

    def ok(self):
        assert self.status == 0, self.text
        self.clean()
        return self

    def clean(self):
        for sign in ("Traceback", "\tat ", "Exception in thread", "MODULE FAILURE"):
            assert sign not in self.text, self.text
        return self


@pytest.fixture(scope="session")
def seen():
    """(module, key) of all that was returned until now."""
    return set()


@pytest.fixture
def ansible(tmp_path, hosts, seen):
    """Runs a playbook, or an ad hoc command where the first argument is no file. Each result is compared with RETURN.

    amend is more text for the inventory; meanwhile is called with the process while it runs.
    """

    connection = tmp_path / "connection"
    connection.mkdir()
    (connection / "inputless.py").write_text(f"DOCUMENTATION = {ssh.DOCUMENTATION!r}\n{INPUTLESS}")

    def run(
        playbook,
        *arguments,
        on=None,
        user="deploy",
        pipelining=True,
        variables=None,
        environment=None,
        amend="",
        name="",
        meanwhile=None,
    ):
        inventory = tmp_path / f"hosts{name}.ini"
        names = [host.name for host in on or hosts]
        text = call(LAB / "host", "inventory", "--user", user, *names).stdout
        inventory.write_text(text + amend)
        record = tmp_path / f"record{name}"
        record.unlink(missing_ok=True)
        settings = dict(
            os.environ,
            ANSIBLE_COLLECTIONS_PATH=os.environ["QUIETUS_COLLECTIONS"],
            ANSIBLE_COLLECTIONS_PATHS=os.environ["QUIETUS_COLLECTIONS"],
            ANSIBLE_HOME=str(tmp_path / "ansible"),
            ANSIBLE_PIPELINING=str(pipelining),
            ANSIBLE_CALLBACKS_ENABLED="record",
            ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback"),
            ANSIBLE_CONNECTION_PLUGINS=str(connection),
            ANSIBLE_LOAD_CALLBACK_PLUGINS="1",
            ANSIBLE_LOCALHOST_WARNING="0",
            ANSIBLE_RETRY_FILES_ENABLED="0",
            RECORD=str(record),
            ANSIBLE_SSH_CONTROL_PATH_DIR="/tmp/quietus-cp",
            ANSIBLE_DEPRECATION_WARNINGS="0",
        )
        settings.update(environment or {})
        extra_variables = ["-e", json.dumps(variables)] if variables else []
        if isinstance(playbook, str) and playbook.startswith("-"):
            command = ["ansible", "-i", str(inventory), "lab", playbook, *arguments]
        else:
            if isinstance(playbook, str):
                path = tmp_path / f"play{name}.yml"
                path.write_text(playbook)
                playbook = path
            command = ["ansible-playbook", "-i", str(inventory), str(playbook), *arguments]
        process = subprocess.Popen(
            [shutil.which(command[0]), *command[1:], *extra_variables],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=settings,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C reaches all processes of a terminal's foreground
            # A shell starts what runs in the background, as CI may, with SIGINT ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        try:
            if meanwhile:
                meanwhile(process)
            output, errors = process.communicate(timeout=600)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        done = subprocess.CompletedProcess(command, process.returncode, output, errors)
        result = Result(done, record)
        for event in result.events:
            documented.check(event, seen)
        return result

    return run


@pytest.fixture
def released(hosts):
    """The hosts are in their first state before and after the test."""
    yield
    for host in hosts:
        host.sh(
            "rm -rf /etc/systemd/system/*.quietus; systemctl kill --signal=KILL stubborn.service; "
            'for h in /etc/quietus/holds/* /etc/quietus/releasing/*; do [ -e "$h" ] && '
            'java -jar "$(ls -S /var/cache/quietus/*.jar | head -1)" release "${h##*/}" >/dev/null; done; '
            "systemctl start myapi.socket myapi.timer myapi.service report.service stubborn.service",
            check=False,
        )
        assert (
            host.sh("find /etc/quietus/holds /etc/quietus/releasing -type f 2>/dev/null || true")
            == ""
        )
