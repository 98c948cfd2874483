# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real agent on a real java: damaged class-data archives, and a virtual machine that crashes."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import answers, launch
from ansible_collections.quietus.systemd.plugins.plugin_utils import shipping

JAR = pathlib.Path(shipping.JAR)
ROUNDS = int(os.environ.get("QUIETUS_DAMAGED_ARCHIVES", "24"))

pytestmark = pytest.mark.skipif(
    not (shutil.which("java") and JAR.exists() and os.geteuid() == 0),
    reason="takes a java, the built jar and root",
)


def archives(host):
    return [*host.cache.glob("*.g1"), *host.cache.glob("*.jsa")]


def run(host, sha256, java, **more):
    command = launch.run_command(sha256, "info", java=java, **more)
    return host.run(command, json.dumps({"names": ["x.service"]}).encode())


@pytest.fixture
def java():
    return os.path.realpath(shutil.which("java"))


@pytest.fixture
def sha256(host):
    """The real jar, in the host's cache."""
    content = JAR.read_bytes()
    name = hashlib.sha256(content).hexdigest()
    host.cache.mkdir(mode=0o700)
    (host.cache / f"{name}.jar").write_bytes(content)
    (host.cache / f"{name}.jar").chmod(0o600)
    return name


def wait_for(condition):
    for dummy in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come within a minute")


def threads(pid):
    """The names of a process's threads."""
    return {path.read_text().strip() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/comm")}


def test_a_crash_leaves_its_notes_in_the_cache_and_none_where_the_caller_is(
    host, sha256, java, tmp_path
):
    caller = tmp_path / "caller"
    caller.mkdir()
    with subprocess.Popen(
        ["/bin/sh", "-c", launch.run_command(sha256, "info", java=java)],
        cwd=caller,
        env={"PATH": "/usr/bin:/bin", "HOME": str(host.home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            # It reads its request, which does not come, and has its signal handlers by then.
            wait_for(lambda: "Signal Dispatch" in threads(process.pid))
            process.send_signal(signal.SIGSEGV)
            stdout, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode != 0
    assert list(caller.iterdir()) == list(host.home.iterdir()) == []
    (notes,) = host.cache.glob("java-crash-*.log")
    assert "SIGSEGV" in notes.read_text()
    output = answers.Output(process.returncode, stdout.decode(), stderr.decode())
    assert output.report is None
    assert "java-crash-*.log" in output.problem()


def test_a_damaged_archive_never_fails_a_run(host, sha256, java, capsys):
    honest = run(host, sha256, java)
    assert honest.report and "no-archive" in honest.answers, honest.errors
    host.run(launch.archive_command(sha256, java=java), launch.WARM_UP_REQUEST)
    wait_for(lambda: archives(host) and not list(host.cache.glob("*.lock")))
    (archive,) = archives(host)
    whole = archive.read_bytes()
    assert "archive" in run(host, sha256, java).answers

    seed = int(os.environ.get("QUIETUS_SEED", random.randrange(2**32)))
    chance = random.Random(seed)
    noticed = 0
    for turn in range(ROUNDS):
        damaged = bytearray(whole)
        for dummy in range(chance.choice((1, 1, 16, 256))):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        if turn % 6 == 5:
            del damaged[chance.randrange(len(damaged)) :]
        archive.write_bytes(damaged)
        output = run(host, sha256, java)
        assert output.report, f"seed {seed}, turn {turn}: {output.status} {output.errors}"
        assert output.report["msg"] == honest.report["msg"], f"seed {seed}, turn {turn}"
        noticed += "no-archive" in output.answers
    with capsys.disabled():
        print(f"\ndamaged archives, seed {seed}: {noticed} of {ROUNDS} were not used")
    assert noticed == ROUNDS >= 24
