# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent, run by a module on the host itself: for async, and for connections without standard input."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import glob
import json
import os
import re

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.quietus.systemd.plugins.module_utils import (
    answers,
    host_checks,
    launch,
    unit_family,
)

#: The variable in which the action plugin says which of the agents in the cache is meant, by its SHA-256.
AGENT = "QUIETUS_AGENT"

#: The same for the archives of the bundled Java, by their SHA-256, with spaces between them.
RUNTIMES = "QUIETUS_RUNTIMES"


def main(verb):
    """Runs the agent's command ``verb`` with this module's options, and ends the module."""
    module = AnsibleModule(argument_spec=unit_family.argument_spec(verb), supports_check_mode=True)
    params = module.params
    try:
        request = json.dumps(unit_family.request(params, module.check_mode)).encode("ascii")
    except ValueError as error:
        module.fail_json(msg=str(error))

    sha256 = os.environ.get(AGENT) or _newest_jar()
    if not sha256:
        module.fail_json(msg=answers.MESSAGES["no-jar"].format(detail=_cache()))

    java, scope = params["java"], params["scope"]
    runtimes = re.findall("[0-9a-f]{64}", os.environ.get(RUNTIMES, ""))
    command = launch.run_command(sha256, verb, java, scope, runtimes=runtimes)
    output = _run(module, command, request)
    if output.archive_failed:
        command = launch.run_command(
            sha256, verb, java, scope, forget_archives=True, runtimes=runtimes
        )
        output = _run(module, command, request)
    if output.report is None:
        module.fail_json(msg=_problem(module, output, java, runtimes))
    if "no-archive" in output.answers:
        command = launch.archive_command(sha256, java, scope, runtimes=runtimes)
        _run(module, command, launch.WARM_UP_REQUEST)

    result = unit_family.result(output.report, output.status, module._diff)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


def _run(module, command, data):
    return answers.Output(
        *module.run_command(
            ["/bin/sh", "-c", command], data=data, binary_data=True, expand_user_and_vars=False
        )
    )


def _problem(module, output, java, runtimes):
    if output.java_refused:
        asked = _run(module, launch.version_command(java, runtimes=runtimes), b"")
        if asked.old_java:
            return asked.old_java
    return output.problem()


def _cache():
    return host_checks.ROOT_CACHE if os.geteuid() == 0 else os.path.expanduser("~/.cache/quietus")


def _newest_jar():
    """The name of the jar that came last, for a module that no action plugin started; the shell checks it."""
    jars = glob.glob(os.path.join(_cache(), "[0-9a-f]*.jar"))
    return os.path.basename(max(jars, key=os.path.getmtime))[: -len(".jar")] if jars else None
