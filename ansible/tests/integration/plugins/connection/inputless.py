# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ssh connection, as one of those that cannot give a command its standard input."""
from __future__ import annotations

from ansible.plugins.connection import ssh

DOCUMENTATION = ssh.DOCUMENTATION.replace('name: ssh', 'name: inputless')


class Connection(ssh.Connection):
    transport = 'inputless'
    has_pipelining = False

    def exec_command(self, cmd, in_data=None, sudoable=True):
        if in_data:
            raise AssertionError('this connection has no standard input')
        return super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
