# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real agent on a real java, with class-data archives that are damaged at random places."""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import time

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import launch
from ansible_collections.quietus.systemd.plugins.plugin_utils import family_action

JAR = pathlib.Path(family_action.JAR)
ROUNDS = int(os.environ.get("QUIETUS_DAMAGED_ARCHIVES", "24"))

pytestmark = pytest.mark.skipif(
    not (shutil.which("java") and JAR.exists() and os.geteuid() == 0),
    reason="takes a java, the built jar and root",
)


def run(host, sha256, java, **more):
    command = launch.run_command(sha256, "info", java=java, **more)
    return host.run(command, json.dumps({"names": ["x.service"]}).encode())


def test_a_damaged_archive_never_costs_a_run(host, capsys):
    import hashlib

    content = JAR.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    host.cache.mkdir(mode=0o700)
    (host.cache / f"{sha256}.jar").write_bytes(content)
    (host.cache / f"{sha256}.jar").chmod(0o600)
    java = os.path.realpath(shutil.which("java"))
    honest = run(host, sha256, java)
    assert honest.report and "no-archive" in honest.answers, honest.errors
    host.run(launch.archive_command(sha256, java=java), launch.WARM_UP_REQUEST)
    for dummy in range(600):
        archives = [*host.cache.glob("*.aot"), *host.cache.glob("*.jsa")]
        if archives and not list(host.cache.glob("*.lock")):
            break
        time.sleep(0.1)
    (archive,) = archives
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
