# SPDX-License-Identifier: GPL-3.0-or-later
"""An Ansible connection to hosts that are not there: it answers as a host would, and starts no process.

The agent's reports and systemd's properties (bench/fleet/) are those of a real host. It keeps no state: a host is held as it is asked to be.
"""

import json
import os

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: canned
short_description: Answers as a host would
description: For the bench.
author: Quietus contributors
"""

FLEET = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fleet")


def _read(name):
    with open(os.path.join(FLEET, name)) as file:
        return file.read()


QUIESCED = json.loads(_read("quiesced.json"))
RUNNING = json.loads(_read("running.json"))
STATUS = dict(line.split("=", 1) for line in _read("show.txt").splitlines() if "=" in line)
COMMAND = {
    "changed": True,
    "stdout": "migrated",
    "stderr": "",
    "rc": 0,
    "cmd": ["/opt/myapi/migrate"],
    "start": "2026-03-01 03:02:11.042",
    "end": "2026-03-01 03:02:11.618",
    "delta": "0:00:00.576",
    "msg": "",
}


class Connection(ConnectionBase):
    transport = "canned"
    has_pipelining = True

    def _connect(self):
        self._connected = True
        return self

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        data = in_data or b""
        if "quietus.Main" in cmd:
            answer = self._agent(json.loads(data))
        elif b"ansible.modules.command" in data:
            answer = dict(COMMAND)
            if b"is-active" in data:
                answer["stdout"] = "\n".join(["active"] * 4)
            elif b"list-units" in data:
                answer["stdout"] = ""
        elif b"ansible.modules.systemd" in data:
            answer = {"changed": True, "name": "myapi.service", "status": STATUS}
        else:
            return 1, b"", b"canned: nobody answers this: " + cmd.encode()
        return 0, json.dumps(answer).encode() + b"\n", b""

    def _agent(self, request):
        state = request.get("state")
        if state == "running":
            return RUNNING
        if state is None:
            return {"changed": False, "failed": False, "msg": "Nothing is held.", "holds": []}
        holds = [dict(QUIESCED["holds"][0])]
        for key in ("by", "owner", "token", "reason"):
            holds[0][key] = request.get(key, holds[0][key])
        return dict(QUIESCED, holds=holds)

    def put_file(self, in_path, out_path):
        raise NotImplementedError

    def fetch_file(self, in_path, out_path):
        raise NotImplementedError

    def close(self):
        self._connected = False
