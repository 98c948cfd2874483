# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of launch.py print, and what that means: the agent's report, or why there is none.

Where a command does not end in the agent's report, it prints one line that starts with ``ANSWER``
and exits with ``ANSWER_STATUS``.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible_collections.quietus.systemd.plugins.module_utils import (
    bundled,
    host_checks,
    report,
)

ANSWER = "quietus-shell:"
ANSWER_STATUS = 90

OLDEST_JAVA = 17

#: The agent ended without its line of JSON, by a crash or because something killed it.
NO_REPORT = (
    "The agent on this host gave no report (exit status {0}). It said: {1}. What it had begun is unknown: run the same again, it goes on "
    "where this run ended. If Java crashed, its notes are in {2}/java-crash-*.log (for a user, in the cache of that user)."
)

#: What sudo says where its requiretty holds.
WANTS_TERMINAL = "you must have a tty to run sudo"
NO_TERMINAL = (
    "sudo on this host runs nothing without a terminal (requiretty), and the request cannot be sent over one. Nothing was done. "
    "Take it away for this user (Defaults:USER !requiretty in sudoers), or log in as root."
)

INSTALL_JAVA = (
    "Install a JRE {0} or newer (Debian and Ubuntu: apt-get install default-jre-headless, or openjdk-17-jre-headless where "
    "the default is older; Fedora and RHEL: dnf install java-17-openjdk-headless), or use the role quietus.systemd.agent"
).format(OLDEST_JAVA)

MESSAGES = {
    "no-systemd": "systemd is not PID 1 on this host, so there are no units to hold.",
    "not-root": 'Only root can hold units of the system. Say "become: true", or "scope: user" for the units of your own manager.',
    "no-java": "There is no Java on this host. " + INSTALL_JAVA + ".",
    "bad-java": '{detail} is not a program that this host can run. Give the path of a java program as "java" or in the variable '
    "quietus_java, or leave it out and the one on PATH is taken.",
    "unsafe-java": "The agent was not run: {detail}. Whoever can write there can become root, so root runs a java only where "
    "it and all directories above it belong to root and nobody else may write to them (chown root, chmod go-w). "
    'Or name another one as "java" or in the variable quietus_java.',
    "bad-cache": "The agent was not run: {detail} must be a directory, no link, that belongs to the user who runs the task and "
    "that nobody else can write to. Find out who made it so; then remove it, and the next task creates it again.",
    "no-programs": "The agent was not run, because {detail} cannot be run on this host. Where sudo has noexec, no program can be started at all: "
    "take that away for this user (Defaults:USER !noexec in sudoers), or log in as root.",
    "bad-parent": "The agent was not run: {detail}, which is above its cache, belongs to somebody else, or others can write to it. "
    "Whoever can write there can replace the agent. Find out who made it so, then chown and chmod it.",
    "terminal": "The request cannot be sent over a terminal. Take -t and -tt out of the arguments of ssh for this host.",
    "no-jar": "The agent is not on this host ({detail}). The action plugin of the same name brings it; the role "
    "quietus.systemd.agent puts it there ahead of time.",
    "wrong-jar": "The agent was not run: {detail} is not the jar that this collection ships, or not safe to run. Remove it, "
    "and the next task brings the right one.",
    "not-written": "The agent could not be written to {detail} on this host.",
}
MESSAGES.update(bundled.MESSAGES)

#: The answers after which what was printed beside them says more.
_WITH_ERRORS = frozenset(("no-programs", "not-written", "not-unpacked", "runtime-fails"))

_WORDS = frozenset(MESSAGES) | frozenset(("ready", "archive", "no-archive", "java"))

#: The errors by which a virtual machine says that a class is not as it was compiled.
_BROKEN_CLASS = re.compile(
    r"\b(NoClassDefFound|ClassFormat|Verify|Linkage|IncompatibleClassChange|NoSuchMethod|NoSuchField|AbstractMethod|"
    r"IllegalAccess|ExceptionInInitializer|BootstrapMethod|UnsatisfiedLink|ClassCircularity|Internal|Unknown)Error\b"
)


class Output:
    """What a command printed, taken apart.

    ``report``: the agent's report as a dict, or None. Whatever is in it is safe to return, see report.py.
    ``unreadable``: why what looked like a report was not taken for one, or None.
    ``answers``: what the shell said, word to detail.
    ``errors``: text for a person about what went wrong otherwise.
    """

    def __init__(self, status, stdout, stderr):
        self.status = status
        self.report = None
        self.unreadable = None
        self.answers = {}
        other = []
        if len(stdout) > report.MAX_SIZE:
            self.unreadable = "it is too large"
            stdout = ""
        for line in stdout.split("\n"):
            before, dummy, after = line.partition(ANSWER)
            if dummy and '{"' not in before:
                word, dummy, detail = after.strip().partition(" ")
                if word in _WORDS:
                    self.answers[word] = report.printable(detail.strip(), 500)
            elif '{"' in line:
                self._read(line, other)
            else:
                other.append(line)
        parts = (_end(stderr), _end("\n".join(other)))
        self.errors = "\n".join(part for part in parts if part)

    def _read(self, line, other):
        try:
            self.report = report.read(line[line.find('{"') :])
        except report.Unreadable as error:
            if '"msg"' in line:
                self.unreadable = str(error)
            other.append(line)

    @property
    def archive_failed(self):
        """True when the run used a class-data archive and ended as a damaged one makes it end.

        That is: without a report (a crash, an error at the start, or nothing at all), or with one that tells of a broken class.
        It is then run again without archives; both verbs complete what an earlier run began.
        """
        if "archive" not in self.answers or self.unreadable:
            return False
        if self.report is None:
            return True
        return bool(self.report.get("failed") and _BROKEN_CLASS.search(self.report["msg"]))

    @property
    def java_refused(self):
        """True when the java could not start the jar, as one does that is too old."""
        return self.report is None and any(
            sign in self.errors
            for sign in (
                "UnsupportedClassVersionError",
                "Could not create the Java Virtual Machine",
                "Unrecognized option",
            )
        )

    @property
    def old_java(self):
        """After ``version_command``: the sentence about a java that is too old; None if it is not."""
        found = re.search(r'version "(?:1\.)?(\d{1,5})\b', self.errors)
        if not found or int(found.group(1)) >= OLDEST_JAVA:
            return None
        return (
            "The Java on this host ({0}) is version {1}, and the agent needs {2} or newer. {3}; where several are installed, "
            'name one as "java" or in the variable quietus_java.'
        ).format(
            self.answers.get("java", "unknown path"), found.group(1), OLDEST_JAVA, INSTALL_JAVA
        )

    def problem(self):
        """A sentence for the case that there is no report."""
        if self.unreadable:
            return report.REFUSED.format(self.unreadable)
        for word in sorted(self.answers):
            if word in MESSAGES:
                message = MESSAGES[word].format(detail=self.answers[word])
                return message + (
                    " It said: " + last_lines(self.errors)
                    if word in _WITH_ERRORS and self.errors
                    else ""
                )
        if WANTS_TERMINAL in self.errors:
            return NO_TERMINAL
        return NO_REPORT.format(
            self.status, last_lines(self.errors) or "nothing", host_checks.ROOT_CACHE
        )


def last_lines(text, lines=5, characters=600):
    """The end of a text, short enough for a message."""
    kept = " | ".join(line.strip() for line in _end(text).splitlines()[-lines:])
    return report.printable(kept if len(kept) <= characters else "..." + kept[-characters:])


def _end(text):
    return text[-65536:].strip()
