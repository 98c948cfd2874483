# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules whose work only the action plugin of the same name does, for both."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.quietus.systemd.plugins.module_utils import unit_family


def holds_table():
    return dict(registered=dict(type="str", required=True), path=dict(type="path"))


def window_report():
    return dict(
        path=dict(type="path", required=True),
        reason=dict(type="str", default=""),
        hold=dict(type="str", required=True),
        release=dict(type="str", required=True),
        lost=dict(type="str"),
        ended=dict(type="str", required=True),
        began=dict(type="bool", default=True),
    )


def window_units():
    spec = unit_family.argument_spec("apply")
    del spec["state"], spec["held_only"]
    spec.update(
        step=dict(type="str", choices=["hold", "renew", "release"], required=True),
        resume=dict(type="bool", default=False),
        whole_play=dict(type="bool", default=True),
    )
    return spec


def main(argument_spec):
    """What such a module does where it is run without its action plugin: it fails."""
    AnsibleModule(argument_spec=argument_spec, supports_check_mode=True).fail_json(
        msg="This is done by the action plugin of the same name, on the controller."
    )
