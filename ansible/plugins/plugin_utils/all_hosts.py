# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task that runs once on the controller needs: the registered results of all hosts, and a file written there."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import tempfile


def registered(task_vars, names):
    """The registered results of every host of the play, in the order of the play.

    One walk over the hosts. Nothing is templated: a result is not a template, and to template all variables of all
    hosts takes the square of their number.

    :arg names: names of registered variables.
    :returns: list of (host, in_play, results); ``in_play`` is False for a host that failed or was lost; ``results`` has
      one entry for each name, None where the host registered nothing.
    """
    hostvars = task_vars["hostvars"]
    left = set(task_vars.get("ansible_play_hosts") or ())
    found = []
    for host in task_vars["ansible_play_hosts_all"]:
        variables = hostvars.raw_get(host)
        found.append((str(host), host in left, [variables.get(name) for name in names]))
    return found


def write(path, text):
    """Writes a file so that a reader sees the old one or the new one, never a part.

    :raises OSError: when it cannot be written.
    """
    directory = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(prefix=".quietus-", dir=directory)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode("utf-8", "replace"))
            out.flush()
            os.fsync(out.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
