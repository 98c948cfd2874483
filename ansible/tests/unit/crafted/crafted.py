# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to hosts that answer whatever the files in the directory CRAFTED say, by the host's name."""

from __future__ import annotations

DOCUMENTATION = """
name: crafted
short_description: A host that is an attacker's
description: For the tests.
options: {}
"""

import os
import pathlib

from ansible.plugins.connection import ConnectionBase


class Connection(ConnectionBase):
    transport = "crafted"
    has_pipelining = True
    always_pipeline_modules = True

    def _connect(self):
        return self

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        host = self._play_context.remote_addr
        directory = pathlib.Path(os.environ["CRAFTED"])
        with open(directory / f"{host}.commands", "a") as commands:
            commands.write(cmd.replace("\n", " ")[:200] + "\n")
        said = (directory / f"{host}.stdout").read_bytes()
        if "quietus.Main" in cmd:
            if host.startswith("module"):
                return 1, b"", b"sudo: sorry, you must have a tty to run sudo"
            return 0, said, b""
        if "quietus-shell" in cmd:
            return 90, b"quietus-shell: ready /x.jar\n", b""
        return 0, said, b""

    def put_file(self, in_path, out_path):
        raise AssertionError("nothing is sent as a file")

    fetch_file = put_file

    def close(self):
        pass
