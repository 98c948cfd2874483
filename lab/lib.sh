# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034 # its variables are for the commands that source it
# What the lab's four commands share: paths, how the engine is found, how to talk to it.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_DIR=${QUIETUS_LAB_DIR:-/var/tmp/quietus-lab}
LAB_LABEL=quietus.lab
LAB_RUN=${QUIETUS_LAB_RUN:-by-hand}
PRIVATE_SOCKET=$LAB_DIR/engine.sock
# Two labs on one machine (two QUIETUS_LAB_DIR) get a network and a control group each. In the network, the
# engine assigns the addresses up to .127, lab/host those above.
LAB_NUMBER=$(($(cksum <<<"$LAB_DIR" | cut -d' ' -f1) % 256))
LAB_SUBNET=10.213.$LAB_NUMBER

# What a container needs for systemd as its PID 1. The image has the rest (its command, its stop signal).
SYSTEMD_FLAGS=(--privileged --cgroupns=private)

say() { printf 'lab: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# The pid of our own engine, if it runs.
private_pid() {
  local pid
  pid=$(cat "$LAB_DIR/engine.pid" 2>/dev/null) || return 1
  grep -qzF "unix://$PRIVATE_SOCKET" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

# Sets ENGINE (its URL) and CLI (the command that talks to it), or fails. It asks each engine, because a
# command may be installed without an engine that answers.
find_engine() {
  local want=${QUIETUS_LAB_ENGINE:-any}
  if [[ $want != host ]] && private_pid >/dev/null; then
    ENGINE=unix://$PRIVATE_SOCKET
    CLI=(podman --url "$ENGINE")
    return
  fi
  # once private, always private: its images are there, and the Podman that was installed with it may answer too
  [[ $want != private && ($want == host || ! -d $LAB_DIR/storage) ]] || return 1
  if docker version --format '{{.Server.Version}}' >/dev/null 2>&1; then
    ENGINE=${DOCKER_HOST:-$(docker context inspect --format '{{.Endpoints.docker.Host}}')}
    CLI=(docker)
  elif [[ -S /run/podman/podman.sock ]] && podman --url unix:///run/podman/podman.sock version >/dev/null 2>&1; then
    ENGINE=unix:///run/podman/podman.sock
    CLI=(podman --url "$ENGINE")
  else
    return 1
  fi
}

need_engine() {
  find_engine || {
    "$LAB/engine" start
    find_engine
  } || die "no engine"
}

cli() { "${CLI[@]}" "$@"; }

install_packages() {
  local log=$LAB_DIR/log/apt.log
  command -v apt-get >/dev/null || die "there is no apt-get here; install these by hand: $*"
  mkdir -p "$LAB_DIR/log"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install --yes --no-install-recommends "$@" >"$log" 2>&1 ||
    { apt-get update && apt-get install --yes --no-install-recommends "$@"; } >>"$log" 2>&1 ||
    die "apt-get could not install $*: see $log"
}

# The image of "SUITE" or "VARIANT:SUITE".
image_name() { if [[ $1 == *:* ]]; then echo "localhost/quietus-lab-$1"; else echo "localhost/quietus-lab:$1"; fi; }
