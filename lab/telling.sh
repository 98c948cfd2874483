# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# For scripts that play something on a host ($host) and print it as a person would see it.

bold=$'\e[1m' plain=$'\e[0m'
[[ -t 1 ]] || bold='' plain=''
chapter() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
tell() { printf '    %s\n' "$*"; }
# shellcheck disable=SC2154 # of the script that sources this
on() { "$LAB/host" exec "$host" -- "$@"; }
# Prints a command as a person at the host's shell would type it, and what it says.
shown() {
  tell "host# $*"
  on "$@" 2>&1 | sed 's/^/      /' || true
}
