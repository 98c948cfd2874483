# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell code that finds the cache, the agent's jar and java on a host, and checks that they are safe to run.

The parts are put together by launch.py, whose rules for the text hold here. Each calls ``a WORD
DETAIL`` with a word of answers.py where something is wrong. Together they set these variables:

``d``: the cache directory. ``f``: the jar. ``j``: java. ``k``: the name of the archives for this jar
and java. ``y``: the archive to use, or nothing. ``w``: 0 for root. ``s``, the SHA-256 of the jar, is set before.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.quietus.systemd.plugins.module_utils import bundled

#: The caches of root and of anybody else, as the shell reads them.
ROOT_CACHE = "/var/cache/quietus"
#: Where root's shell looks for its own tools.
ROOT_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin"
USER_CACHE = '"$HOME/.cache/quietus"'

#: Where a Java may be that is not on PATH.
JAVA_PLACES = "/usr/lib/jvm/*/bin /usr/java/*/bin /opt/java/*/bin"

# Sets d, the cache directory, and w=0 for root. Root owns /, so the usual case starts no process.
# Root's tools are the system's own, whatever PATH says; P is the PATH in which java is looked for.
CACHE = (
    'P=$PATH; w=; if [ -O / ] || [ "$(id -u)" = 0 ]; then d={root}; w=0; unset JAVA_HOME; PATH={path}; '
    "else {stranger} d={user}; fi;"
)

# Sets j, the java to run, see find_java. Root takes none that belongs to somebody else; what its directories allow follows.
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
OWN_DIRECTORY = (
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
STAT = (
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
# Three processes are started: stat, and sha256sum and cksum at once, so that their lines come in any order.
JAR = (
    'f=$d/$s.jar; if [ -e "$d" ] || [ -L "$d" ]; then :; else a no-jar "$f"; fi; '
    + OWN_DIRECTORY
    + ' f=$d/$s.jar; if [ -L "$f" ]; then a wrong-jar "$f"; fi; [ -e "$f" ] || a no-jar "$f"; '
    'if [ -f "$f" ] && [ -O "$f" ]; then :; else a wrong-jar "$f"; fi; '
    + STAT
    + " k=$d/$s-$k; y=; "
    'for x in g1 jsa; do if [ -s "$k.$x" ] && [ -O "$k.$x" ] && [ -s "$k.sum" ]; then y=${k##*/}.$x; break; fi; done; '
    'set -- $(cd "$d" || exit; if [ "$y" ]; then cksum "$y" & fi; sha256sum "$s.jar"; wait); x=" $* "; '
    'case $x in *" $s "*) ;; *) a wrong-jar "$f";; esac; '
    'if [ "$y" ]; then read -r z n <"$k.sum"; case $x in *" $z $n $y "*) ;; *) y=;; esac; fi;'
)


def find_java(java, runtimes):
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
