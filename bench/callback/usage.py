# SPDX-License-Identifier: GPL-3.0-or-later
"""An Ansible callback that writes what the controller used to the file $BENCH_USAGE: processor seconds of it and of its workers, its
peak memory in MB, the number of hosts on which all went well."""

import os
import resource

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: usage
type: aggregate
short_description: Writes what the controller used
description: See above.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "usage"

    def v2_playbook_on_stats(self, stats):
        own = resource.getrusage(resource.RUSAGE_SELF)
        workers = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime
        well = sum(
            1
            for host in stats.processed
            if not stats.failures.get(host) and not stats.dark.get(host)
        )
        with open(os.environ["BENCH_USAGE"], "w") as out:
            out.write("%.3f %.1f %d\n" % (seconds, own.ru_maxrss / 1024.0, well))
