# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a unit, and when: texts about the controller."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import datetime
import getpass
import os
import platform


def utc_now():
    """The controller's time in ISO 8601, with milliseconds."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + "{0:03d}Z".format(now.microsecond // 1000)


def controller():
    """The user that runs Ansible, and where: ``USER@NODE``."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = "uid {0}".format(os.getuid())
    return "{0}@{1}".format(user, platform.node())


def holder(play=None):
    """Who holds a unit, for those who find it held: at most 200 characters without control characters.

    :arg play: the play's name, if there is one.
    """
    text = "ansible from " + controller()
    if play and play != "Ansible Ad-Hoc":
        text += ' (play "{0}")'.format(play)
    return plain(text)


def plain(text):
    """The text without control characters, at most 200 characters of it."""
    return "".join(character if character.isprintable() else " " for character in text)[:200]
