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

from ansible_collections.quietus.systemd.plugins.module_utils import bundled, report

ANSWER = "quietus-shell:"
ANSWER_STATUS = 90

#: The caches of root and of anybody else, as the shell reads them.
ROOT_CACHE = "/var/cache/quietus"
#: What the first hold leaves on a host (Launcher.java): it has a copy of the agent of its own.
ROOT_LAUNCHER = "/var/lib/quietus/quietus"
#: Where root's shell looks for its own tools.
ROOT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin"
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
    "-XX:-CreateCoredumpOnCrash",
)

#: A crash of the virtual machine leaves its notes in the cache, never in the caller's directory.
CRASH_NOTES = '"-XX:ErrorFile=$d/java-crash-%p.log"'

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
    "unsafe-java": "The agent was not run: {detail}. Whoever can write there can become root, so root runs a java only where "
    "it and all directories above it belong to root and nobody else may write to them (chown root, chmod go-w). "
    'Or name another one as "java" or in the variable quietus_java.',
    "bad-cache": "The agent was not run: {detail} must be a directory, no link, that belongs to the user who runs the task and "
    "that nobody else can write to. Find out who made it so; then remove it, and the next task makes it anew.",
    "no-programs": "The agent was not run, for {detail} cannot be run on this host. Where sudo has noexec, no program can be started at all: "
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

# Says what it found, and ends.
_ANSWER_FUNCTION = 'a() { echo "' + ANSWER + ' $*"; exit ' + str(ANSWER_STATUS) + "; };"

# A request on a terminal never ends, and what is typed there is shown. Its line is read all the same: where a command ends while its
# input is still on the way, ssh -tt itself hangs now and then (5 of 710 times, without Ansible; none of 984 that read it).
_NO_TERMINAL = "if [ -t 0 ]; then read -r x; a terminal; fi;"

# Sets d, the cache directory, and w=0 for root. Root owns /, so the usual case starts no process.
# Root's tools are the system's own, whatever PATH says; P is the PATH in which java is looked for.
_CACHE = (
    'P=$PATH; w=; if [ -O / ] || [ "$(id -u)" = 0 ]; then d={root}; w=0; unset JAVA_HOME; PATH={path}; '
    "else {stranger} d={user}; fi;"
)

# Sets j, the java to run, see _find_java. Root takes none that belongs to somebody else; what its directories allow follows.
_JAVA = (
    'if [ -z "$j" ]; then IFS=:; '
    'for p in ${{JAVA_HOME:+"$JAVA_HOME/bin"}} $P {places}; do case $p in /*) ;; *) continue;; esac; '
    'if [ -f "$p/java" ] && [ -x "$p/java" ]; then '
    'if [ -z "$w" ] || {{ [ -O "$p" ] && [ -O "$p/java" ]; }}; then j=$p/java; break; fi; fi; done; '
    "unset IFS; {otherwise} fi; "
    'case $j in /*) ;; *) a bad-java "$j";; esac; '
    'if [ -f "$j" ] && [ -x "$j" ]; then :; else a bad-java "$j"; fi; '
    # Its path without links, for root. The usual link (/usr/bin/java) is found by its file, without a process.
    'if [ "$w" ]; then if [ -L "$j" ]; then for p in {places}; do '
    'if [ -L "$p/java" ]; then :; elif [ "$p/java" -ef "$j" ]; then j=$p/java; break; fi; done; fi; '
    'if [ -L "$j" ]; then j=$(readlink -f "$j"); fi; '
    'cd -P "${{j%/*}}/" || a bad-java "$j"; j=$PWD/${{j##*/}}; cd /; fi;'
)

# Is the directory ours alone? Its mode follows, with those of the other files.
_OWN_DIRECTORY = (
    'if [ -L "$d" ]; then a bad-cache "$d"; fi; '
    'if [ -d "$d" ] && [ -O "$d" ]; then :; else a bad-cache "$d"; fi; cd -P "$d" && d=$PWD; cd /;'
)

# True when a directory with this key, user, group and mode is not safe: it is neither root's nor ours, or others can write to it.
# Below it are our own files, so for an ordinary user a sticky bit (/tmp) and a group of his own will do.
_UNSAFE = (
    "n() { case $2 in 0|$w) ;; *) return 0;; esac; "
    "case $4 in *[2367]?|*[2367]) ;; *) return 1;; esac; "
    '[ "$w" = 0 ] && return 0; '
    "case $4 in [1357]???) return 1;; *[2367]) return 0;; esac; "
    '[ "$2" = 0 ] && return 0; [ "$2" = "$3" ] && return 1; return 0; };'
)

# Asks stat, once, for the cache, the jar and java, if they are there yet, and for all directories above.
# Four words come back for each; k becomes the key of java.
_STAT = (
    _UNSAFE + ' set -- "$d" "${f:-$d}" "${j:-$d}"; '
    'for x in "$d" "${w:+$j}"; do while x=${x%/*}; [ "$x" ]; do set -- "$@" "$x"; done; done; '
    'set -- $(stat -Lc "%d-%i-%Y-%s %u %g %a" "$@" /); w=${w:-$2}; k=$9; '
    'case $4 in "") a no-programs stat;; *[2367]?|*[2367]) a bad-cache "$d";; esac; '
    'case $8 in *[2367]?|*[2367]|"") a wrong-jar "$f";; esac; shift 8; '
    'if [ "$w" = 0 ] && n "$@"; then a unsafe-java "$j can be written by others"; fi; shift 4; '
    'x=$d; while x=${x%/*}; [ "$x" ]; do if n "$@"; then a bad-parent "$x"; fi; shift 4; done; '
    'if [ "$w" = 0 ] && [ "$j" ]; then x=$j; while x=${x%/*}; [ "$x" ]; do '
    'if n "$@"; then a unsafe-java "$x, where $j is, can be written by others"; fi; shift 4; done; fi; '
    'if n "$@"; then a bad-parent /; fi;'
)

# Sets f, the jar, once it is known to be the right one, k, the name of its archives for this java, and y, the archive,
# if it is as it was written: a damaged one can keep the virtual machine busy for ever. cksum finds damage in a tenth of the time of
# sha256sum; against changes on purpose only the directory's owner and mode protect, for whoever can write there can change the sum too.
# Three processes are started: stat, sha256sum and cksum.
_JAR = (
    'f=$d/$s.jar; if [ -e "$d" ] || [ -L "$d" ]; then :; else a no-jar "$f"; fi; '
    + _OWN_DIRECTORY
    + ' f=$d/$s.jar; if [ -L "$f" ]; then a wrong-jar "$f"; fi; [ -e "$f" ] || a no-jar "$f"; '
    'if [ -f "$f" ] && [ -O "$f" ]; then :; else a wrong-jar "$f"; fi; '
    + _STAT
    + " k=$d/$s-$k; y=; "
    'for x in aot jsa; do if [ -s "$k.$x" ] && [ -O "$k.$x" ] && [ -s "$k.sum" ]; then y=${k##*/}.$x; break; fi; done; '
    'set -- $(cd "$d" && sha256sum "$s.jar" && if [ "$y" ]; then cksum "$y"; fi); [ "$1" = "$s" ] || a wrong-jar "$f"; '
    'if [ "$y" ]; then read -r z x <"$k.sum"; [ "$3 $4" = "$z $x" ] || y=; fi;'
)

# Sets o, the option for the archive, if there is one.
_ARCHIVE = (
    "o=; case $y in *.aot) o=-XX:AOTCache=$d/$y;; *.jsa) o=-XX:SharedArchiveFile=$d/$y;; "
    '*) if [ -e "$k.none" ]; then :; else echo "' + ANSWER + ' no-archive"; fi;; esac;'
)

# Tells that an archive is used, so that the run can be repeated without where it does not end in a report.
_TOLD = 'if [ "$o" ]; then echo "' + ANSWER + ' archive"; fi;'

# Options from the environment would be announced among the output and make runs differ.
_PLAIN_ENVIRONMENT = (
    "unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; export LC_ALL=C.UTF-8;"
)

# For the command that "quietus run" starts: what the caller had of what is changed here.
_KEEP_CALLERS = (
    'if [ "$1" = run ]; then '
    "for v in PWD PATH LC_ALL JAVA_HOME JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS; do "
    'eval "if [ \\"\\${$v+x}\\" ]; then export QUIETUS_CALLER_$v=\\"\\$$v\\"; else unset QUIETUS_CALLER_$v; fi"; done; fi'
)


def _prelude(sha256, java, scope, environment):
    """The part that all commands share: up to the cache directory being known."""
    path = "" if java in (None, bundled.BUNDLED, bundled.AUTO) else java
    parts = ["s=" + sha256 + "; j=" + shlex.quote(path) + ";"]
    for name in sorted(environment or {}):
        parts.append("export " + name + "=" + shlex.quote(environment[name]) + ";")
    parts.append(_PLAIN_ENVIRONMENT)
    parts.append(_ANSWER_FUNCTION)
    parts.append("cd /;")
    parts.append("[ -d " + SYSTEMD_RUNS + " ] || a no-systemd;")
    parts.append(
        _CACHE.format(
            root=ROOT_CACHE,
            path=ROOT_PATH,
            user=USER_CACHE,
            stranger="a not-root;" if scope == "system" else "",
        )
    )
    if scope == "user":
        parts.append('[ "$XDG_RUNTIME_DIR" ] || export XDG_RUNTIME_DIR="/run/user/$(id -u)";')
    return parts


def _find_java(java, runtimes):
    """Sets j: the java that was named, or the host's own, or a bundled one that is on the host.

    :arg java: ``bundled`` for that alone, ``auto`` to ask for it where the host has none of its own; else a path, or None.
    """
    there = bundled.find(runtimes)
    if java == bundled.BUNDLED:
        return " ".join(
            (there, bundled.or_no_runtime(), _JAVA.format(places=JAVA_PLACES, otherwise=""))
        )
    missing = bundled.or_no_runtime() if java == bundled.AUTO else '[ "$j" ] || a no-java;'
    if there:
        there = 'if [ -z "$j" ]; then ' + there + " fi;"
    return _JAVA.format(places=JAVA_PLACES, otherwise=there + " " + missing)


def _exec(program):
    """Becomes java, with the archive that was found."""
    return 'exec "$j" ' + " ".join(JVM_FLAGS) + " " + CRASH_NOTES + ' ${o:+"$o"} ' + program


def run_command(
    sha256,
    verb,
    java=None,
    scope="system",
    environment=None,
    forget_archives=False,
    streamed=True,
    runtimes=(),
):
    """The command that checks the jar and becomes the agent.

    :arg sha256: the SHA-256 of the jar, in hex; it names the jar in the cache.
    :arg verb: the agent's command, ``apply`` or ``info``; None to check everything and run nothing.
    :arg java: path of the java program, or None to look for one; ``bundled`` or ``auto``.
    :arg scope: ``system``, which takes root, or ``user``.
    :arg environment: dict of variables to set.
    :arg forget_archives: remove this jar's class-data archives first.
    :arg streamed: something is sent to its standard input, which must not be a terminal then.
    :arg runtimes: the SHA-256 of each archive of the bundled Java that may be used.
    :returns: a line for ``sh``; the request goes to its standard input.
    """
    parts = _prelude(sha256, java, scope, environment)
    if streamed:
        parts.append(_NO_TERMINAL)
    parts.append(_find_java(java, runtimes))
    parts.append(_JAR)
    if verb is None:
        parts.append('a ready "$f"')
    else:
        if forget_archives:
            parts.append('rm -f "$d/$s"-*.aot "$d/$s"-*.jsa "$d/$s"-*.sum; y=;')
        parts.append(_ARCHIVE)
        parts.append(_TOLD)
        parts.append(_exec(PROGRAM + " " + verb))
    return " ".join(parts)


def install_command(sha256, scope="system", environment=None):
    """The command that writes the jar from its standard input into the cache, or answers why not."""
    parts = _prelude(sha256, None, scope, environment)
    parts.append(_NO_TERMINAL)
    parts.append('umask 077; [ -e "$d" ] || [ -L "$d" ] || mkdir -p "$d" || a not-written "$d";')
    parts.append(_OWN_DIRECTORY)
    parts.append(_STAT)
    parts.append("f=$d/$s.jar; t=$d/.$s.$$;")
    # What an earlier try left that was cut off, and archives of whatever lay there before.
    parts.append('find "$d" -maxdepth 1 -type f -name ".*" -mmin +60 -delete; rm -f "$d/$s"-*;')
    parts.append(
        'if cat >"$t"; then case $(sha256sum <"$t") in "$s "*) sync "$t" && mv -fT "$t" "$f" && sync "$d" && a ready "$f";; esac; fi;'
    )
    parts.append('rm -f "$t"; a not-written "$f"')
    return " ".join(parts)


def runtime_command(sha256, scope="system", environment=None):
    """The command that unpacks the archive of the bundled Java from its standard input, or answers why not.

    :arg sha256: the SHA-256 that the archive must have, in hex; it names the directory.
    """
    parts = _prelude(sha256, None, scope, environment)
    parts.append(_NO_TERMINAL)
    parts.append(bundled.place() + " d=$b; f=;")
    parts.append('umask 077; [ -e "$d" ] || [ -L "$d" ] || mkdir -p "$d" || a not-unpacked "$d";')
    parts.append(_OWN_DIRECTORY)
    parts.append(_STAT)
    parts.append(bundled.unpack(sha256))
    return " ".join(parts)


def archive_command(sha256, java=None, scope="system", environment=None, runtimes=()):
    """The command that makes the class-data archive of this jar for this java.

    ``WARM_UP_REQUEST`` goes to its standard input. It answers at once and leaves the work to a process
    behind, at the lowest priority. An archive is flushed before it gets its name, for one that is cut
    short crashes the virtual machine. Where this java can make none, an empty file says so, and nobody
    tries again.
    """
    parts = _prelude(sha256, java, scope, environment)
    parts.append(_find_java(java, runtimes))
    parts.append(_JAR)
    parts.append(
        'r=$(cat); t=$k.tmp; w() { echo "$r" | nice -n 19 "$j" '
        + " ".join(JVM_FLAGS)
        + " "
        + CRASH_NOTES
        + ' "$1$t" '
        + PROGRAM
        + " "
        + WARM_UP
        + '; [ -s "$t" ] && sync "$t" && cksum <"$t" >"$k.sum" && sync "$k.sum" && mv -f "$t" "$2"; };'
        ' ( trap "" HUP; umask 077; find "$d" -maxdepth 1 -name "*.lock" -mmin +10 -exec rmdir {} +;'
        ' mkdir "$k.lock" || exit; rm -f "$t";'
        ' find "$d" -maxdepth 1 -type f -name "*-*-*" -mtime +90 -delete;'
        ' w -XX:AOTCacheOutput= "$k.aot" || w -XX:ArchiveClassesAtExit= "$k.jsa" || : >"$k.none";'
        ' rm -f "$t" "$t.config"; rmdir "$k.lock" ) </dev/null >/dev/null 2>&1 & a ready "$f"'
    )
    return " ".join(parts)


def version_command(java=None, environment=None, runtimes=()):
    """The command that asks the java which one it is."""
    parts = _prelude("none", java, "user", environment)
    parts.append(_find_java(java, runtimes))
    parts.append(_OWN_DIRECTORY)
    parts.append(_STAT)
    parts.append('echo "' + ANSWER + ' java $j"; exec "$j" -version 2>&1')
    return " ".join(parts)


def script(sha256, java=None, runtimes=()):
    """The text of a shell script that runs the agent with the script's own arguments, for people at a prompt.

    :arg java: the java that it runs unless ``QUIETUS_JAVA`` names another; as for ``run_command``.
    """
    prefer = ""
    if java == bundled.BUNDLED and runtimes:
        prefer = 'if [ -z "$j" ]; then ' + bundled.find(runtimes) + " fi"
    elif java and java not in (bundled.BUNDLED, bundled.AUTO):
        prefer = '[ "$j" ] || j=' + shlex.quote(java)
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
            _KEEP_CALLERS,
            _PLAIN_ENVIRONMENT,
            "a() { case $1 in " + said + " esac; exit 1; }",
            "[ -d " + SYSTEMD_RUNS + " ] || a no-systemd",
            "cd /",
            _CACHE.format(root=ROOT_CACHE, path=ROOT_PATH, user=USER_CACHE, stranger="a not-root;"),
            prefer,
            _find_java(None, runtimes),
            # Where the cache was cleaned, the copy that a hold left does as well.
            'f=$d/$s.jar; if [ "$w" ] && ! [ -e "$f" ] && ! [ -L "$f" ] && ! [ -L {0} ] && [ -O {0} ]; then exec sh {0} "$@"; fi'.format(
                ROOT_LAUNCHER
            ),
            "c() { " + _JAR + " }; c",  # a function, for the arguments are set anew in it
            _ARCHIVE.replace('echo "' + ANSWER + ' no-archive"', ":"),
            _exec('-jar "$f" "$@"'),
        )
    )


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
        return NO_REPORT.format(self.status, last_lines(self.errors) or "nothing", ROOT_CACHE)


def last_lines(text, lines=5, characters=600):
    """The end of a text, short enough for a message."""
    kept = " | ".join(line.strip() for line in _end(text).splitlines()[-lines:])
    return report.printable(kept if len(kept) <= characters else "..." + kept[-characters:])


def _end(text):
    return text[-65536:].strip()
