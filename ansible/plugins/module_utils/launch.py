# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell commands that find, check and start the agent on a host, and what their answers mean.

The action plugins send these commands over the connection and the modules run them on the host, so
both do the same. A command is one line for ``sh``, without single quotes, backslashes, newlines or
exclamation marks, because it is quoted once for ``sh``, once for become and once for the user's own
shell, whatever that is.

Where a command does not end in the agent's report, it prints one line that starts with ``ANSWER``
and exits with ``ANSWER_STATUS``.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
import shlex

from ansible_collections.quietus.systemd.plugins.module_utils import report

ANSWER = "quietus-shell:"
ANSWER_STATUS = 90

#: The caches of root and of anybody else, as the shell reads them.
ROOT_CACHE = "/var/cache/quietus"
USER_CACHE = '"$HOME/.cache/quietus"'

#: Exists where systemd is PID 1.
SYSTEMD_RUNS = "/run/systemd/system"

#: Where a Java may be that is not on PATH.
JAVA_PLACES = "/usr/lib/jvm/*/bin /usr/java/*/bin /opt/java/*/bin"

OLDEST_JAVA = 17

#: All that the virtual machine is told, here and nowhere else. A short run wants the first compiler,
#: for what runs thousands of times only, and the collector without threads. An archive that does not fit is passed over without a word, and
#: what the virtual machine itself has to say goes to standard error, never between the report's lines.
JVM_FLAGS = (
    "-Xshare:auto",
    "-Xlog:disable",
    "-XX:+DisplayVMOutputToStderr",
    "-XX:TieredStopAtLevel=1",
    "-XX:CompileThresholdScaling=10",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
)

#: The agent. Named by its class, not by -jar: with an archive, the virtual machine then need not open the jar.
PROGRAM = '-cp "$f" quietus.Main'

#: What a class-data archive is made from: a run that loads what the real work loads, and touches nothing.
WARM_UP = "warm-up"
WARM_UP_REQUEST = b'{"names": ["systemd-tmpfiles-clean.timer"], "state": "quiesced", "check": true}'

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
    "bad-cache": "The agent was not run: {detail} must be a directory, no link, that belongs to the user who runs the task and "
    "that nobody else can write to. Find out who made it so; then remove it, and the next task makes it anew.",
    "no-jar": "The agent is not on this host ({detail}). The action plugin of the same name brings it; the role "
    "quietus.systemd.agent puts it there ahead of time.",
    "wrong-jar": "The agent was not run: {detail} is not the jar that this collection ships, or not safe to run. Remove it, "
    "and the next task brings the right one.",
    "not-written": "The agent could not be written to {detail} on this host.",
}

_WORDS = frozenset(MESSAGES) | frozenset(("ready", "no-archive", "java"))

# Says what it found, and ends.
_ANSWER_FUNCTION = 'a() { echo "' + ANSWER + ' $*"; exit ' + str(ANSWER_STATUS) + "; };"

# Sets d, the cache directory. Root owns /, so the usual case starts no process.
_CACHE = 'if [ -O / ] || [ "$(id -u)" = 0 ]; then d={root}; else {stranger} d={user}; fi;'

# Sets j, the java to run.
_JAVA = (
    'if [ -z "$j" ]; then IFS=:; '
    'for p in ${{JAVA_HOME:+"$JAVA_HOME/bin"}} $PATH {places}; do if [ -x "$p/java" ]; then j=$p/java; break; fi; done; '
    'unset IFS; [ "$j" ] || a no-java; fi; '
    'if [ -f "$j" ] && [ -x "$j" ]; then :; else a bad-java "$j"; fi;'
)

# Is the directory ours alone? Its mode follows, with those of the other files.
_OWN_DIRECTORY = (
    'if [ -L "$d" ]; then a bad-cache "$d"; fi; '
    'if [ -d "$d" ] && [ -O "$d" ]; then :; else a bad-cache "$d"; fi;'
)

# Sets f, the jar, once it is known to be the right one, and k, the name of its archives for this java.
# Two processes are started, stat and sha256sum.
_JAR = (
    'f=$d/$s.jar; if [ -e "$d" ] || [ -L "$d" ]; then :; else a no-jar "$f"; fi; '
    + _OWN_DIRECTORY
    + ' if [ -L "$f" ]; then a wrong-jar "$f"; fi; [ -e "$f" ] || a no-jar "$f"; '
    'if [ -f "$f" ] && [ -O "$f" ]; then :; else a wrong-jar "$f"; fi; '
    'set -- $(stat -Lc "%a %d-%i-%Y-%s" "$d" "$f" "$j"); '
    'case $1 in *[2367]?|*[2367]|"") a bad-cache "$d";; esac; '
    'case $3 in *[2367]?|*[2367]) a wrong-jar "$f";; esac; '
    'case $(sha256sum <"$f") in "$s "*) ;; *) a wrong-jar "$f";; esac; '
    "k=$d/$s-$6;"
)

# Sets o, the option for the archive, if there is one.
_ARCHIVE = (
    'o=; if [ -s "$k.aot" ] && [ -O "$k.aot" ]; then o=-XX:AOTCache=$k.aot; '
    'elif [ -s "$k.jsa" ] && [ -O "$k.jsa" ]; then o=-XX:SharedArchiveFile=$k.jsa; '
    'elif [ -e "$k.none" ]; then :; else echo "' + ANSWER + ' no-archive"; fi;'
)

# Options from the environment would be announced among the output and make runs differ.
_PLAIN_ENVIRONMENT = (
    "unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; export LC_ALL=C.UTF-8;"
)


def _prelude(sha256, java, scope, environment):
    """The part that all commands share: up to the cache directory being known."""
    parts = ["s=" + sha256 + "; j=" + shlex.quote(java or "") + ";"]
    for name in sorted(environment or {}):
        parts.append("export " + name + "=" + shlex.quote(environment[name]) + ";")
    parts.append(_PLAIN_ENVIRONMENT)
    parts.append(_ANSWER_FUNCTION)
    parts.append("[ -d " + SYSTEMD_RUNS + " ] || a no-systemd;")
    parts.append(
        _CACHE.format(
            root=ROOT_CACHE, user=USER_CACHE, stranger="a not-root;" if scope == "system" else ""
        )
    )
    if scope == "user":
        parts.append('[ "$XDG_RUNTIME_DIR" ] || export XDG_RUNTIME_DIR="/run/user/$(id -u)";')
    return parts


def run_command(sha256, verb, java=None, scope="system", environment=None, forget_archives=False):
    """The command that checks the jar and becomes the agent.

    :arg sha256: the SHA-256 of the jar, in hex; it names the jar in the cache.
    :arg verb: the agent's command, ``apply`` or ``info``; None to check everything and run nothing.
    :arg java: path of the java program, or None to look for one.
    :arg scope: ``system``, which takes root, or ``user``.
    :arg environment: dict of variables to set.
    :arg forget_archives: remove this jar's class-data archives first.
    :returns: a line for ``sh``; the request goes to its standard input.
    """
    parts = _prelude(sha256, java, scope, environment)
    parts.append(_JAVA.format(places=JAVA_PLACES))
    parts.append(_JAR)
    if verb is None:
        parts.append('a ready "$f"')
    else:
        if forget_archives:
            parts.append('rm -f "$d/$s"-*.aot "$d/$s"-*.jsa;')
        parts.append(_ARCHIVE)
        parts.append('exec "$j" ' + " ".join(JVM_FLAGS) + ' ${o:+"$o"} ' + PROGRAM + " " + verb)
    return " ".join(parts)


def install_command(sha256, scope="system", environment=None):
    """The command that writes the jar from its standard input into the cache, or answers why not."""
    parts = _prelude(sha256, None, scope, environment)
    parts.append(
        'umask 077; f=$d/$s.jar; t=$d/.$s.$$; [ -e "$d" ] || [ -L "$d" ] || mkdir -p "$d" || a not-written "$d";'
    )
    parts.append(_OWN_DIRECTORY)
    parts.append('case $(stat -Lc %a "$d") in *[2367]?|*[2367]|"") a bad-cache "$d";; esac;')
    # What an earlier try left that was cut off, and archives of whatever lay there before.
    parts.append('find "$d" -maxdepth 1 -type f -name ".*" -mmin +60 -delete; rm -f "$d/$s"-*;')
    parts.append(
        'if cat >"$t"; then case $(sha256sum <"$t") in "$s "*) sync "$t" && mv -fT "$t" "$f" && sync "$d" && a ready "$f";; esac; fi;'
    )
    parts.append('rm -f "$t"; a not-written "$f"')
    return " ".join(parts)


def archive_command(sha256, java=None, scope="system", environment=None):
    """The command that makes the class-data archive of this jar for this java.

    ``WARM_UP_REQUEST`` goes to its standard input. It answers at once and leaves the work to a process
    behind, at the lowest priority. An archive is flushed before it gets its name, for one that is cut
    short crashes the virtual machine. Where this java can make none, an empty file says so, and nobody
    tries again.
    """
    parts = _prelude(sha256, java, scope, environment)
    parts.append(_JAVA.format(places=JAVA_PLACES))
    parts.append(_JAR)
    parts.append(
        'r=$(cat); t=$k.tmp; w() { echo "$r" | nice -n 19 "$j" '
        + " ".join(JVM_FLAGS)
        + ' "$1$t" '
        + PROGRAM
        + " "
        + WARM_UP
        + '; [ -s "$t" ] && sync "$t" && mv -f "$t" "$2"; };'
        ' ( trap "" HUP; umask 077; find "$d" -maxdepth 1 -name "*.lock" -mmin +10 -exec rmdir {} +;'
        ' mkdir "$k.lock" || exit; rm -f "$t";'
        ' find "$d" -maxdepth 1 -type f -name "*-*-*" -mtime +90 -delete;'
        ' w -XX:AOTCacheOutput= "$k.aot" || w -XX:ArchiveClassesAtExit= "$k.jsa" || : >"$k.none";'
        ' rm -f "$t" "$t.config"; rmdir "$k.lock" ) </dev/null >/dev/null 2>&1 & a ready "$f"'
    )
    return " ".join(parts)


def version_command(java=None, environment=None):
    """The command that asks the java which one it is."""
    parts = _prelude("none", java, "user", environment)
    parts.append(_JAVA.format(places=JAVA_PLACES))
    parts.append('echo "' + ANSWER + ' java $j"; exec "$j" -version 2>&1')
    return " ".join(parts)


def script(sha256):
    """The text of a shell script that runs the agent with the script's own arguments, for people at a prompt."""
    said = " ".join(
        word
        + ") echo "
        + shlex.quote("quietus: " + text).replace("{detail}", "'\"$2\"'")
        + " >&2;;"
        for word, text in sorted(MESSAGES.items())
    )
    return "\n".join(
        (
            "s=" + sha256 + "; j=$QUIETUS_JAVA",
            _PLAIN_ENVIRONMENT,
            "a() { case $1 in " + said + " esac; exit 1; }",
            "[ -d " + SYSTEMD_RUNS + " ] || a no-systemd",
            _CACHE.format(root=ROOT_CACHE, user=USER_CACHE, stranger="a not-root;"),
            _JAVA.format(places=JAVA_PLACES),
            "c() { " + _JAR + " }; c",  # a function, for the arguments are set anew in it
            _ARCHIVE.replace('echo "' + ANSWER + ' no-archive"', ":"),
            'exec "$j" ' + " ".join(JVM_FLAGS) + ' ${o:+"$o"} -jar "$f" "$@"',
        )
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
    def archive_crashed(self):
        """True when the virtual machine itself broke, which a damaged archive makes it do."""
        return self.report is None and (
            self.status >= 128 or "fatal error has been detected" in self.errors
        )

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

    def problem(self):
        """A sentence for the case that there is no report."""
        if self.unreadable:
            return report.REFUSED.format(self.unreadable)
        for word in sorted(self.answers):
            if word in MESSAGES:
                message = MESSAGES[word].format(detail=self.answers[word])
                return message + (
                    " " + last_lines(self.errors) if word == "not-written" and self.errors else ""
                )
        return "The agent on this host gave no report (exit status {0}). It said: {1}".format(
            self.status, last_lines(self.errors) or "nothing"
        )


def old_java(version_output):
    """The sentence about a java that is too old, from the output of ``version_command``; None if it is not."""
    version_output = _end(version_output)
    found = re.search(r'version "(?:1\.)?(\d{1,5})\b', version_output)
    if not found or int(found.group(1)) >= OLDEST_JAVA:
        return None
    where = re.search(re.escape(ANSWER) + r" java (.*)", version_output)
    return (
        "The Java on this host ({0}) is version {1}, and the agent needs {2} or newer. {3}; where several are installed, "
        'name one as "java" or in the variable quietus_java.'
    ).format(
        report.printable(where.group(1).strip(), 500) if where else "unknown path",
        found.group(1),
        OLDEST_JAVA,
        INSTALL_JAVA,
    )


def last_lines(text, lines=5, characters=600):
    """The end of a text, short enough for a message."""
    kept = " | ".join(line.strip() for line in _end(text).splitlines()[-lines:])
    return report.printable(kept if len(kept) <= characters else "..." + kept[-characters:])


def _end(text):
    return text[-65536:].strip()
