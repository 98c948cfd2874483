# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell text that finds the bundled Java on a host, and that unpacks its archive there.

A bundled Java lies in a directory that is named by the SHA-256 of its archive. Not in the cache: a lease and the command that releases
a hold need it after the cache was cleaned. A directory gets that name when all of it is on the disk, so one that has it is complete.
The rules for the text are those of launch.py.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

#: Values of the option ``java`` that are no path.
BUNDLED = "bundled"
AUTO = "auto"

#: Where root's are, and those of anybody else, as the shell reads them.
ROOT_PLACE = "/var/lib/quietus/java"
_USER_PLACE = "case $XDG_STATE_HOME in /*) b=$XDG_STATE_HOME/quietus/java;; *) b=$HOME/.local/state/quietus/java;; esac;"

#: What mentions the java that it runs, beside the processes: the launcher of a hold and the services of leases.
_ROOT_USERS = '"$b/../quietus" /etc/systemd/system/quietus-lease*.service /run/systemd/system/quietus-lease*.service'
_USER_USERS = (
    '"$b/../quietus" "${XDG_CONFIG_HOME:-$HOME/.config}"/systemd/user/quietus-lease*.service '
    '"$XDG_RUNTIME_DIR"/systemd/user/quietus-lease*.service'
)

MESSAGES = {
    "no-runtime": "The bundled Java is not on this host ({detail}). The action plugin of the same name brings it; the role "
    "quietus.systemd.agent with agent_java=bundled puts it there ahead of time.",
    "wrong-runtime": "The archive of the bundled Java did not arrive on this host as it was sent. Nothing was unpacked. Run the same again.",
    "not-unpacked": "The bundled Java could not be unpacked to {detail} on this host. That takes tar, gzip and 100 MB on its file system.",
    "runtime-fails": "The bundled Java does not run on this host ({detail}). It takes glibc 2.17 or newer, and a file system that may run "
    "programs, for root that of /var/lib. Nothing of it was left there. Install another Java on this host.",
}


def place():
    """Sets b, the directory of the bundled Javas. w is set for root."""
    return 'if [ "$w" ]; then b=' + ROOT_PLACE + "; else " + _USER_PLACE + " fi;"


def find(sums):
    """Sets j to the bundled java that is on the host, if there is one. No process is started.

    :arg sums: the SHA-256 of each archive that the collection knows, in hex.
    """
    if not sums:
        return ""
    return (
        place()
        + " for p in "
        + " ".join(sums)
        + '; do if [ -L "$b" ] || [ -L "$b/$p" ]; then continue; fi; '
        'if [ -O "$b/$p" ] && [ -f "$b/$p/bin/java" ] && [ -x "$b/$p/bin/java" ]; then j=$b/$p/bin/java; break; fi; done;'
    )


def or_no_runtime():
    """Answers which processor the host has, where no java was found."""
    return '[ "$j" ] || a no-runtime "$(uname -m)";'


def unpack(sum_):
    """Writes the archive from standard input, checks it, unpacks it beside its place, starts its java once, flushes and renames.

    d is the directory of the bundled Javas, and known to be safe. The java makes its own class-data archive, so its start is a test as well.

    :arg sum_: the SHA-256 of the archive, in hex.
    """
    return (
        "s=" + sum_ + "; f=$d/$s; t=$d/.$s.$$; z() { rm -rf $t; a $1 $2; }; "
        # What an earlier try left that was cut off.
        'find "$d" -mindepth 1 -maxdepth 1 -name ".*" -mmin +60 -exec rm -rf {} +; '
        'umask 022; mkdir -m 700 "$t" && cat >"$t/archive" || z not-unpacked "$f"; '
        'case $(sha256sum <"$t/archive") in "$s "*) ;; *) z wrong-runtime "$f";; esac; '
        'mkdir "$t/java" && tar -xzmof "$t/archive" -C "$t/java" || z not-unpacked "$f"; rm "$t/archive"; '
        '"$t/java/bin/java" -Xshare:dump >"$t/said" 2>&1 || { cat "$t/said"; z runtime-fails "$(uname -m)"; }; '
        'find "$t/java" -exec sync {} + || z not-unpacked "$f"; '
        # Another task may have brought it meanwhile. Anything else with that name is moved away, also a link, which is not followed.
        'if [ -x "$f/bin/java" ] && [ -O "$f" ] && [ -z "$(find "$f" -prune -type l)" ]; then :; else '
        'if [ -e "$f" ] || [ -L "$f" ]; then mv -fT "$f" "$t/old"; fi; '
        'mv -fT "$t/java" "$f" && sync "$d" || z not-unpacked "$f"; fi; rm -rf "$t"; '
        # Other versions go, unless something still runs them or will.
        'if [ "$w" = 0 ]; then u() { grep -qsF "$1" '
        + _ROOT_USERS
        + '; }; else u() { grep -qsF "$1" '
        + _USER_USERS
        + "; }; fi; "
        'for x in "$d"/*; do if [ "$x" = "$f" ] || u "$x/" || ls -l /proc/[0-9]*/exe 2>/dev/null | grep -qF "$x/"; '
        'then :; else rm -rf "$x"; fi; done; a ready "$f"'
    )
