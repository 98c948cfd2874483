# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
name: agent
short_description: Tell where on the controller the agent's jar is, and how a host runs it
version_added: 0.1.0
author:
  - The Quietus contributors (@quietus)
description:
  - What the role P(quietus.systemd.agent#role) puts on a host, for those who build images or packages in another way.
options:
  _terms:
    description: None are taken.
    required: false
  java:
    description:
      - The java that RV(_raw[].script) runs, a path or V(bundled). The variable E(QUIETUS_JAVA) of whoever runs it has precedence.
      - If not given, the host's own, or else the bundled one if it is on the host.
    type: str
"""

EXAMPLES = r"""
- name: Say which agent this collection ships
  ansible.builtin.debug:
    msg: "{{ lookup('quietus.systemd.agent').sha256 }}"
"""

RETURN = r"""
_raw:
  description: One dict.
  type: list
  elements: dict
  contains:
    jar:
      description: Path of the jar on the controller.
      type: str
    sha256:
      description: The SHA-256 of the jar, in hex. It names the jar in the cache of a host.
      type: str
    cache:
      description: The directory on a host that the jar belongs in.
      type: str
    script:
      description: A line for C(sh) that runs the agent with the arguments of the script that it is in.
      type: str
"""

import hashlib

from ansible.errors import AnsibleLookupError
from ansible_collections.quietus.systemd.plugins.module_utils import host_checks, launch
from ansible_collections.quietus.systemd.plugins.plugin_utils import java_archives
from ansible_collections.quietus.systemd.plugins.plugin_utils.shipping import JAR

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        try:
            with open(JAR, "rb") as jar:
                sha256 = hashlib.sha256(jar.read()).hexdigest()
        except OSError as error:
            raise AnsibleLookupError(
                "This copy of the collection has no agent ({0}).".format(error)
            )
        script = launch.script(sha256, self.get_option("java"), java_archives.Archives().sums)
        return [dict(jar=JAR, sha256=sha256, cache=host_checks.ROOT_CACHE, script=script)]
