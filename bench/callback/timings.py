# SPDX-License-Identifier: GPL-3.0-or-later
"""An Ansible callback that writes one line for each task to the file $BENCH_TIMINGS: its seconds, whether all went well, its name.

A task's time is from its start to the last host's result, in the control process: what a person waits for.
"""

import os
import time

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: timings
type: aggregate
short_description: Writes how long each task took
description: See above.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "timings"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._name = None

    def _end(self):
        if self._name:
            with open(os.environ["BENCH_TIMINGS"], "a") as out:
                out.write("%.6f\t%s\t%s\n" % (self._last - self._began, self._well, self._name))
        self._name = None

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._end()
        self._name, self._well = task.get_name(), True
        self._began = self._last = time.perf_counter()

    def _result(self, well):
        self._last = time.perf_counter()
        self._well = self._well and well

    def v2_runner_on_ok(self, result):
        self._result(True)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result(False)

    def v2_runner_on_unreachable(self, result):
        self._result(False)

    def v2_playbook_on_stats(self, stats):
        self._end()
