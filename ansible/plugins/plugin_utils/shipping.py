# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins bring to a host: the agent's jar, and the bundled Java where it is asked for and missing."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible_collections.quietus.systemd.plugins.module_utils import answers, bundled, launch
from ansible_collections.quietus.systemd.plugins.plugin_utils import java_archives

#: The agent, as the build puts it into the collection.
JAR = os.path.join(os.path.dirname(os.path.dirname(__file__)), "agent", "quietus.jar")


class HostProblem(AnsibleError):
    """Something on the host stands in the way; its text says what to do."""


class Shipping(object):
    """Part of an action plugin."""

    def _java_archives(self):
        """The archives of the bundled Java, from the directory that the variable names."""
        directory = self._vars.get(java_archives.VARIABLE)
        return java_archives.Archives(str(self._templar.template(directory)) if directory else None)

    def _ship_what_is_missing(self, output, params, by_file=False):
        """Sends the bundled Java or the jar where a host said that it has none, each once in a task.

        :returns: False when nothing was sent.
        """
        if "no-runtime" in output.answers and "java" not in self._shipped:
            self._shipped.add("java")
            try:
                sum_, path, content = self._archives.find(output.answers["no-runtime"])
            except java_archives.NoArchive as error:
                first = answers.MESSAGES["no-java"] + " " if params["java"] == bundled.AUTO else ""
                raise HostProblem(first + str(error))
            self._send(
                launch.runtime_command(sum_, self._scope, self._environment()),
                path,
                content,
                by_file,
            )
            return True
        if {"no-jar", "wrong-jar"} & set(output.answers) and "jar" not in self._shipped:
            self._shipped.add("jar")
            self._ship(output, by_file)
            return True
        return False

    def _read_jar(self):
        try:
            with open(JAR, "rb") as jar:
                self._jar = jar.read()
        except OSError as error:
            raise AnsibleActionFail(
                "This copy of the collection has no agent ({0}). Install the collection from its release tarball, "
                'or run "make" in its source tree.'.format(error)
            )
        self._sha256 = hashlib.sha256(self._jar).hexdigest()

    def _ship(self, output, by_file=False):
        """Puts the jar into the host's cache: over standard input, so that no temporary directory matters, or as a file."""
        if "wrong-jar" in output.answers:
            self._notes.append(
                "{0} on {1} was not the agent that this collection ships, or not safe to run. It was not run, and has been replaced. "
                "Only the user who owns that directory can have changed it: find out who did.".format(
                    output.answers["wrong-jar"], self._vars.get("inventory_hostname", "the host")
                )
            )
        command = launch.install_command(self._sha256, self._scope, self._environment())
        self._send(command, JAR, self._jar, by_file)

    def _send(self, command, path, content, by_file):
        """Runs a command that puts a file of the controller's somewhere, with the file as its standard input."""
        if not by_file:
            done = self._execute(command, content)
        else:
            name = os.path.basename(path)
            source = self._connection._shell.join_path(self._make_tmp_path(), name)
            self._transfer_file(path, source)
            self._fixup_perms2((self._connection._shell.tmpdir, source), execute=False)
            done = self._execute("exec <" + self._connection._shell.quote(source) + "; " + command)
        if "ready" not in done.answers:
            raise HostProblem(done.problem())
