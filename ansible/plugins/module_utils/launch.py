# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell commands that find, check and start the agent on a host.

The action plugins send these commands over the connection and the modules run them on the host, so
both do the same. A command is one line for ``sh``, without single quotes, backslashes, newlines or
exclamation marks, because it is quoted once for ``sh``, once for become and once for the user's own
shell, whatever that is.

The checks of the host are in host_checks.py; what a command prints is read by answers.py.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import shlex

from ansible_collections.quietus.systemd.plugins.module_utils import (
    answers,
    bundled,
    host_checks,
)

#: What the first hold leaves on a host (Launcher.java): it has a copy of the agent of its own.
ROOT_LAUNCHER = "/var/lib/quietus/quietus"
#: Exists where systemd is PID 1.
SYSTEMD_RUNS = "/run/systemd/system"

#: All that the virtual machine is told, here and nowhere else. A short run wants the first compiler,
#: for what runs thousands of times only, and an archive that is mapped where it was made for, so that its pointers need no change. An archive that
#: does not fit is passed over without a word, and what the virtual machine itself has to say goes to standard error, never between the report's lines.
#: An option that a newer Java has no more is passed over too.
JVM_FLAGS = (
    "-XX:+IgnoreUnrecognizedVMOptions",
    "-Xshare:auto",
    "-Xlog:disable",
    "-XX:+DisplayVMOutputToStderr",
    "-XX:TieredStopAtLevel=1",
    "-XX:CompileThresholdScaling=10",
    "-XX:-UsePerfData",
    "-XX:-CreateCoredumpOnCrash",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:ArchiveRelocationMode=0",
)

#: The collector without threads.
SERIAL = ("-XX:+UseSerialGC",)

#: Before Java 20 only this collector can use the objects of an archive, above all the modules of Java itself. With an archive that has them it
#: starts faster than the other.
G1 = (
    "-XX:+UseG1GC",
    "-XX:ParallelGCThreads=1",
    "-XX:ConcGCThreads=1",
    "-XX:G1ConcRefinementThreads=1",
)

#: A crash of the virtual machine leaves its notes in the cache, never in the caller's directory.
CRASH_NOTES = '"-XX:ErrorFile=$d/java-crash-%p.log"'

#: The agent. Named by its class, not by -jar: with an archive, the virtual machine then need not open the jar.
PROGRAM = '-cp "$f" quietus.Main'

#: What a class-data archive is made from: a run that loads what the real work loads, and touches nothing.
WARM_UP = "warm-up"
WARM_UP_REQUEST = b'{"names": ["systemd-tmpfiles-clean.timer"], "state": "quiesced", "check": true}'

# Says what it found, and ends.
_ANSWER_FUNCTION = (
    'a() { echo "' + answers.ANSWER + ' $*"; exit ' + str(answers.ANSWER_STATUS) + "; };"
)

# A request on a terminal never ends, and what is typed there is shown. Its line is read all the same: where a command ends while its
# input is still on the way, ssh -tt itself hangs now and then (5 of 710 times, without Ansible; none of 984 that read it).
_NO_TERMINAL = "if [ -t 0 ]; then read -r x; a terminal; fi;"

# Sets o, the option for the archive, if there is one, and g, the collector.
_ARCHIVE = (
    'o=${y:+-XX:SharedArchiveFile=$d/$y}; g="'
    + " ".join(SERIAL)
    + '"; case $y in *.g1) g="'
    + " ".join(G1)
    + '";; *.jsa) ;; '
    '*) if [ -e "$k.none" ]; then :; else echo "' + answers.ANSWER + ' no-archive"; fi;; esac;'
)

# Tells that an archive is used, so that the run can be repeated without where it does not end in a report.
_TOLD = 'if [ "$o" ]; then echo "' + answers.ANSWER + ' archive"; fi;'

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
        host_checks.CACHE.format(
            root=host_checks.ROOT_CACHE,
            path=host_checks.ROOT_PATH,
            user=host_checks.USER_CACHE,
            stranger="a not-root;" if scope == "system" else "",
        )
    )
    if scope == "user":
        parts.append('[ "$XDG_RUNTIME_DIR" ] || export XDG_RUNTIME_DIR="/run/user/$(id -u)";')
    return parts


def _exec(program):
    """Becomes java, with the archive that was found."""
    return 'exec "$j" ' + " ".join(JVM_FLAGS) + " $g " + CRASH_NOTES + ' ${o:+"$o"} ' + program


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
    parts.append(host_checks.find_java(java, runtimes))
    parts.append(host_checks.JAR)
    if verb is None:
        parts.append('a ready "$f"')
    else:
        if forget_archives:
            parts.append('rm -f "$d/$s"-*.g1 "$d/$s"-*.jsa "$d/$s"-*.sum; y=;')
        parts.append(_ARCHIVE)
        parts.append(_TOLD)
        parts.append(_exec(PROGRAM + " " + verb))
    return " ".join(parts)


def install_command(sha256, scope="system", environment=None):
    """The command that writes the jar from its standard input into the cache, or answers why not."""
    parts = _prelude(sha256, None, scope, environment)
    parts.append(_NO_TERMINAL)
    parts.append('umask 077; [ -e "$d" ] || [ -L "$d" ] || mkdir -p "$d" || a not-written "$d";')
    parts.append(host_checks.OWN_DIRECTORY)
    parts.append(host_checks.STAT)
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
    parts.append(host_checks.OWN_DIRECTORY)
    parts.append(host_checks.STAT)
    parts.append(bundled.unpack(sha256))
    return " ".join(parts)


def archive_command(sha256, java=None, scope="system", environment=None, runtimes=()):
    """The command that makes the class-data archive of this jar for this java.

    ``WARM_UP_REQUEST`` goes to its standard input. It answers at once and leaves the work to a process
    behind, at the lowest priority. The archive has all classes and objects, also Java's own: a list of what
    the warm-up loads, then a dump of it with G1, since only that collector puts objects into an archive.
    Where this java cannot make that, the archive has the classes that Java's own archive lacks. An archive
    is flushed before it gets its name, because one that is cut short crashes the virtual machine. Where
    this java can make none, an empty file says so, and nobody tries again.
    """
    parts = _prelude(sha256, java, scope, environment)
    parts.append(host_checks.find_java(java, runtimes))
    parts.append(host_checks.JAR)
    serial, warm_up = " ".join(SERIAL), PROGRAM + " " + WARM_UP
    parts.append(
        'r=$(cat); t=$k.tmp; v() { nice -n 19 "$j" '
        + " ".join(JVM_FLAGS)
        + " "
        + CRASH_NOTES
        + ' "$@"; };'
        ' w() { [ -s "$t" ] && sync "$t" && cksum <"$t" >"$k.sum" && sync "$k.sum" && mv -f "$t" "$1"; };'
        ' ( trap "" HUP; umask 077; find "$d" -maxdepth 1 -name "*.lock" -mmin +10 -exec rmdir {} +;'
        ' mkdir "$k.lock" || exit; rm -f "$t" "$t.list";'
        ' find "$d" -maxdepth 1 -type f -name "*-*-*" -mtime +90 -delete;'
        " x=jsa; case $(v -Xshare:off -version 2>&1) in *version??1*) x=g1;; esac;"
        ' { echo "$r" | v '
        + serial
        + ' -Xshare:off "-XX:DumpLoadedClassList=$t.list" '
        + warm_up
        + ";"
        ' [ -s "$t.list" ] && v '
        + " ".join(G1)
        + ' -Xshare:dump "-XX:SharedClassListFile=$t.list" "-XX:SharedArchiveFile=$t" -cp "$f"'
        ' && w "$k.$x"; } || { rm -f "$t"; echo "$r" | v '
        + serial
        + ' "-XX:ArchiveClassesAtExit=$t" '
        + warm_up
        + ";"
        ' w "$k.jsa"; } || : >"$k.none";'
        ' rm -f "$t" "$t.list"; rmdir "$k.lock" ) </dev/null >/dev/null 2>&1 & a ready "$f"'
    )
    return " ".join(parts)


def version_command(java=None, environment=None, runtimes=()):
    """The command that asks the java which one it is."""
    parts = _prelude("none", java, "user", environment)
    parts.append(host_checks.find_java(java, runtimes))
    parts.append(host_checks.OWN_DIRECTORY)
    parts.append(host_checks.STAT)
    parts.append('echo "' + answers.ANSWER + ' java $j"; exec "$j" -version 2>&1')
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
        for word, text in sorted(answers.MESSAGES.items())
    )
    return "\n".join(
        (
            "s=" + sha256 + "; j=$QUIETUS_JAVA",
            _KEEP_CALLERS,
            _PLAIN_ENVIRONMENT,
            "a() { case $1 in " + said + " esac; exit 1; }",
            "[ -d " + SYSTEMD_RUNS + " ] || a no-systemd",
            "cd /",
            host_checks.CACHE.format(
                root=host_checks.ROOT_CACHE,
                path=host_checks.ROOT_PATH,
                user=host_checks.USER_CACHE,
                stranger="a not-root;",
            ),
            prefer,
            host_checks.find_java(None, runtimes),
            # Where the cache was cleaned, the copy that a hold left does as well.
            'f=$d/$s.jar; if [ "$w" ] && ! [ -e "$f" ] && ! [ -L "$f" ] && ! [ -L {0} ] && [ -O {0} ]; then exec sh {0} "$@"; fi'.format(
                ROOT_LAUNCHER
            ),
            "c() { "
            + host_checks.JAR
            + " }; c",  # a function, because it sets the positional parameters
            _ARCHIVE.replace('echo "' + answers.ANSWER + ' no-archive"', ":"),
            _exec('-jar "$f" "$@"'),
        )
    )
