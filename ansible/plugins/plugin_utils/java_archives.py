# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archives of the bundled Java on the controller: where they are, and what each of them must be.

The collection has their SHA-256, and an archive that has another one is not sent. A host only says which processor it has, and that is
looked up in a table, so no text of a host becomes part of a path or of a command.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import os
import re

_AGENT = os.path.join(os.path.dirname(os.path.dirname(__file__)), "agent")

#: The SHA-256 of each archive, as sha256sum writes it. "make runtime" compares its archives with it.
PINS = os.path.join(_AGENT, "java.sha256")

#: Where "make runtime" puts the archives. They are no part of the collection's tarball.
DIRECTORY = os.path.join(_AGENT, "java")

#: The variable that names another directory with them.
VARIABLE = "quietus_java_archives"

_PIN = re.compile(r"([0-9a-f]{64})  (quietus-java-[0-9.]+-([a-z0-9_]+)\.tar\.gz)")


class NoArchive(ValueError):
    """There is no archive to send; the text says why, and what to do."""


class Archives:
    """The archives that this collection knows.

    :arg directory: the directory on the controller that has them, or None for that of the collection.
    """

    def __init__(self, directory=None):
        self._directory = directory or DIRECTORY
        self._pins = {}
        self._unreadable = None
        try:
            with open(PINS, encoding="ascii") as lines:
                for line in lines:
                    found = _PIN.fullmatch(line.rstrip("\n"))
                    if not found:
                        raise ValueError("it has a line that is none of sha256sum")
                    self._pins[found.group(3)] = (found.group(1), found.group(2))
        except (OSError, ValueError) as error:
            self._unreadable = error
            self._pins = {}

    @property
    def sums(self):
        """The SHA-256 of each archive, in hex, in an order that does not change."""
        return [self._pins[processor][0] for processor in sorted(self._pins, reverse=True)]

    @property
    def present(self):
        """True when the controller has at least one of the archives."""
        return any(os.path.isfile(self._path(name)) for dummy, name in self._pins.values())

    def find(self, processor):
        """The archive for a processor.

        :arg processor: what ``uname -m`` said on the host.
        :returns: its SHA-256 in hex, its path, and its bytes, which have this SHA-256.
        :raises NoArchive: when there is none for it, or the file is another one.
        """
        if self._unreadable:
            raise NoArchive(
                "The list of the bundled Java cannot be read ({0}: {1}). Install the collection again.".format(
                    PINS, self._unreadable
                )
            )
        if processor not in self._pins:
            raise NoArchive(
                'There is no bundled Java for the processor of this host ("{0}"), only for {1}. Install a Java there.'.format(
                    processor, " and ".join(sorted(self._pins))
                )
            )
        wanted, name = self._pins[processor]
        path = self._path(name)
        try:
            with open(path, "rb") as archive:
                content = archive.read()
        except OSError as error:
            raise NoArchive(
                "The bundled Java is not on the controller ({0}: {1}). Put {2} of this collection's release into a directory and name "
                'that in the variable {3}, or run "make runtime" in the source tree.'.format(
                    path, error.strerror, name, VARIABLE
                )
            )
        found = hashlib.sha256(content).hexdigest()
        if found != wanted:
            raise NoArchive(
                "The bundled Java was not sent: {0} is not the archive that belongs to this collection (its SHA-256 is {1}, expected "
                "{2}). Find out who changed it, or take that of this collection's release.".format(
                    path, found, wanted
                )
            )
        return wanted, path, content

    def _path(self, name):
        return os.path.join(self._directory, name)
