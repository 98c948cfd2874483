# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two action plugins share: one round trip that runs the agent on the host, without Python there."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import re
import shlex

from ansible.errors import AnsibleActionFail
from ansible_collections.quietus.systemd.plugins.module_utils import (
    answers,
    bundled,
    launch,
    on_host,
    report,
    unit_family,
)
from ansible_collections.quietus.systemd.plugins.plugin_utils.shipping import (
    HostProblem,
    Shipping,
)
from ansible_collections.quietus.systemd.plugins.plugin_utils.who import (
    controller,
    holder,
    plain,
    utc_now,
)

from ansible.plugins.action import ActionBase

#: The modules that run the agent's commands where its request cannot be sent to it directly.
MODULES = {
    "apply": "quietus.systemd.unit_family",
    "info": "quietus.systemd.unit_family_info",
}

#: Shells that read a command as sh does.
SHELLS = {"sh", "bash", "dash", "ash"}


class FamilyAction(Shipping, ActionBase):
    """Runs the agent's command ``verb`` for a task. A subclass says which."""

    verb = None

    TRANSFERS_FILES = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._supports_async = True  # older ansible-core looks at the instance only

    def run(self, tmp=None, task_vars=None):
        """:returns: the task's result; a failure is in it, with what to do about it in ``msg``."""
        result = super().run(tmp, task_vars)
        self._begin(task_vars)
        params = self.validate_argument_spec(unit_family.argument_spec(self.verb))[1]
        result.update(self._ask(self.verb, params))
        return self._noted(result)

    def _begin(self, task_vars):
        self._task_vars = task_vars or {}
        self._vars = self._host_vars(self._task_vars)
        self._notes = []

    def _noted(self, result):
        """The result with what was noticed on the way to it."""
        if self._notes:
            result["warnings"] = list(result.get("warnings") or []) + self._notes
        return result

    def _ask(self, verb, params):
        """One run of the agent.

        :arg verb: the agent's command.
        :arg params: validated options of ``unit_family`` or ``unit_family_info``.
        :returns: what a task returns.
        """
        params = dict(params)
        params["java"] = self._java(params)
        if verb == "apply" and not params.get("by"):
            params["by"] = holder(self._vars.get("ansible_play_name"))
        if verb == "apply" and not params.get("owner"):
            params["owner"] = self._owner()
        try:
            request = unit_family.request(params, self._task.check_mode)
        except ValueError as error:
            raise AnsibleActionFail(str(error))

        self._command = verb
        self._scope = params["scope"]
        self._read_jar()
        self._archives = self._java_archives()
        self._shipped = set()
        start = utc_now()
        try:
            if self._task.async_val or not self._can_stream():
                answer = self._by_module(params)
            else:
                answer = self._directly(params, request)
        except HostProblem as problem:
            answer = dict(failed=True, changed=False, msg=str(problem))
        if not self._task.async_val:
            answer.update(start=start, end=utc_now())
        return answer

    # The two ways to the agent

    def _directly(self, params, request):
        """One command with the request on its standard input."""
        data = json.dumps(request).encode("ascii") + b"\n"
        output = self._execute(self._run_command(params), data)
        while self._ship_what_is_missing(output, params):
            output = self._execute(self._run_command(params), data)
        if params["java"] == bundled.AUTO and output.java_refused and self._archives.present:
            return self._directly(dict(params, java=bundled.BUNDLED), request)
        if output.archive_failed:
            output = self._execute(self._run_command(params, forget_archives=True), data)
        if output.report is None:
            if "terminal" in output.answers:  # ssh -t
                self._connection.has_pipelining = False  # nor can a module's code be sent there
                return self._by_module(params)
            if "must have a tty" in output.errors:  # sudo's requiretty: only a module can have one
                return self._by_module(params)
            raise HostProblem(self._problem(output, params["java"]))
        if "no-archive" in output.answers:
            command = launch.archive_command(
                self._sha256,
                params["java"],
                self._scope,
                self._environment(),
                self._archives.sums,
            )
            self._execute(command, launch.WARM_UP_REQUEST)
        return unit_family.result(output.report, output.status, self._task.diff)

    def _by_module(self, params):
        """The module, with the jar brought ahead of it."""
        output = self._look(params)
        while self._ship_what_is_missing(output, params, by_file=True):
            output = self._look(params)
        if "ready" not in output.answers:
            raise HostProblem(self._problem(output, params["java"]))
        arguments = dict(
            (key, value)
            for key, value in params.items()
            if value is not None and not key.startswith("_ansible")
        )
        environment = self._task.environment
        self._task.environment = (
            environment if isinstance(environment, list) else [environment]
        ) + [{on_host.AGENT: self._sha256, on_host.RUNTIMES: " ".join(self._archives.sums)}]
        try:
            answer = self._execute_module(
                module_name=MODULES[self._command],
                module_args=arguments,
                task_vars=self._task_vars,
                wrap_async=self._task.async_val,
            )
        except RecursionError:
            raise HostProblem(report.REFUSED.format("it is nested too deeply"))
        if "module_stdout" in answer or "module_stderr" in answer:
            raise HostProblem(
                "The module could not be run on this host. It said: "
                + answers.last_lines(
                    "\n".join(
                        str(answer.get(stream) or "")
                        for stream in ("module_stdout", "module_stderr")
                    )
                )
            )
        try:
            if "ansible_job_id" in answer and self._task.async_val:
                return report.take_job(answer)
            return unit_family.result(report.take_from_module(answer), 0, self._task.diff)
        except report.Unreadable as error:
            raise HostProblem(report.REFUSED.format(error))

    def _look(self, params):
        """What is on the host. Something is sent along, for only then a terminal is one that somebody forced, with ssh -tt."""
        if self._can_stream():
            output = self._execute(self._run_command(params, verb=None), b"\n")
            if "terminal" not in output.answers:
                return output
            self._connection.has_pipelining = False  # nor can a module's code be sent there
        return self._execute(self._run_command(params, verb=None, streamed=False))

    # The connection

    def _can_stream(self):
        """True when a command can be given standard input on this connection, as this task becomes another user."""
        if not self._connection.has_pipelining:
            return False
        become = self._connection.become
        if become and self._connection.transport == "local" and become.get_option("become_pass"):
            return self._connection.get_option("pipelining")
        return True

    def _execute(self, command, data=None):
        executables = (self._play_context.executable, self._connection._shell.executable)
        if not {os.path.basename(path) for path in executables if path} <= SHELLS:
            command = "exec /bin/sh -c " + shlex.quote(command)
        done = self._low_level_execute_command(command, in_data=data)
        return answers.Output(done["rc"], done["stdout"], done["stderr"])

    def _run_command(self, params, verb="", forget_archives=False, streamed=True):
        return launch.run_command(
            self._sha256,
            self._command if verb == "" else verb,
            params["java"],
            self._scope,
            self._environment(),
            forget_archives,
            streamed,
            self._archives.sums,
        )

    def _environment(self):
        """The task's ``environment`` keyword, as a dict."""
        variables = {}
        self._compute_environment_string(variables)
        return dict(
            (str(name), str(value))
            for name, value in variables.items()
            if re.match(r"^[A-Za-z_]\w*$", str(name))
        )

    def _problem(self, output, java):
        """What stands in the way, in a sentence; asks the host once more where that needs the java's version."""
        if output.java_refused:
            asked = self._execute(
                launch.version_command(java, self._environment(), self._archives.sums)
            )
            if asked.old_java:
                return asked.old_java
        problem = output.problem()
        if "no-java" in output.answers and self._archives.present:
            problem += ' Or have the Java of this collection brought there: "java: bundled".'
        return problem

    # The task

    def _host_vars(self, task_vars):
        delegated = task_vars.get("ansible_delegated_vars") or {}
        host = delegated.get(self._task.delegate_to) if self._task.delegate_to else None
        if not host:
            return task_vars
        merged = dict(task_vars)
        merged.update(host)
        return merged

    def _java(self, params):
        if params.get("java"):
            return params["java"]
        java = self._vars.get("quietus_java")
        return str(self._templar.template(java)) if java else None

    def _owner(self):
        """Whose a hold is: the same for the same user of the same controller, whatever the play."""
        owner = self._vars.get("quietus_owner")
        return plain(str(self._templar.template(owner))) if owner else plain(controller())
