# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes every result as a line of JSON to the file that RECORD names."""

from __future__ import annotations

DOCUMENTATION = """
name: record
type: notification
short_description: Write every result as a line of JSON
description: For the tests.
"""

import json
import os

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, status, result):
        host = getattr(result, "_host", None) or result.host
        task = getattr(result, "_task", None) or result.task
        value = result.result if hasattr(result, "result") else result._result
        with open(os.environ["RECORD"], "a") as file:
            file.write(
                json.dumps(
                    dict(
                        status=status,
                        host=host.get_name(),
                        task=task.get_name(),
                        action=task.action,
                        result=value,
                    ),
                    default=str,
                )
                + "\n"
            )

    def v2_runner_on_ok(self, result):
        self._write("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result):
        self._write("unreachable", result)

    def v2_runner_on_skipped(self, result):
        self._write("skipped", result)
