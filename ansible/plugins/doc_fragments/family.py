# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment:
    # What both modules take and need.
    DOCUMENTATION = r"""
options:
  scope:
    description:
      - Whose units these are. With V(system), those of PID 1, which takes root, so the task needs C(become).
      - With V(user), those of the user manager of the user that the task runs as.
    type: str
    choices: [system, user]
    default: system
  java:
    description:
      - Path of the C(java) program to run on the host, or V(bundled), or V(auto).
      - With V(bundled), the Java that belongs to this collection is run, for hosts without one (x86_64 and aarch64, glibc 2.17 or newer).
        Its archive is not in the collection's tarball. The variable C(quietus_java_archives) names the directory on the controller that has
        it. The first task brings it to C(/var/lib/quietus/java) of the host, or C(~/.local/state/quietus/java) of the user.
      - With V(auto), the host's own Java of version 17 or newer is run, and where there is none, as with V(bundled).
      - If not given, the variable C(quietus_java) is used. If that is not set either, the first of E(PATH) and
        the usual places such as C(/usr/lib/jvm) that has one, or else the bundled one if it is on the host; for a user who is not root,
        E(JAVA_HOME) comes first.
      - Root runs a java only where it and all directories above it belong to root and nobody else can write to them.
    type: str
attributes:
  action_group:
    description: The group for C(module_defaults) that this module is in.
    support: full
    membership:
      - quietus.systemd.units
requirements:
  - systemd 247 or newer as PID 1 of the host
  - a Java runtime, version 17 or newer, on the host; a headless one is enough, and with O(java=bundled) none is needed
notes:
  - The first task on a host brings the agent, a single jar, to C(/var/cache/quietus), or to C(~/.cache/quietus) when it does
    not run as root, also in check mode. From then on a task is one round trip.
  - No Python is needed on the host, except with C(async), and over connections whose plugin cannot give a command
    its standard input. There the module of this name does the work in Python.
"""
