# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says, made safe: the only way by which its words reach a task's result.

A host may belong to an attacker. Ansible believes what an action plugin returns: with the right keys a result adds
hosts to the inventory, runs handlers and sets facts. So a result has only the keys of ``REPORT`` (docs/agent-protocol.md),
each of its own type, and a report that is otherwise is a failure of that host alone.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import re

#: Bounds for one host: characters of all its output, characters of one text, entries of one list.
MAX_SIZE = 32 * 1024 * 1024
MAX_TEXT = 16384
MAX_LIST = 20000

#: The most characters of a picture, and the most levels of started_by: what started a unit, what started that, and so on.
MAX_PICTURE = 1000000
MAX_CHAIN = 8

REFUSED = (
    "The report of this host cannot be read: {0}. Nothing of it was taken. The agent may have done what was asked: "
    'see with "quietus status" on the host, and find out what else writes there.'
)

FLAG = "true or false"
TEXT = "a text"
PICTURE = "a picture as quietus graph draws it"
NUMBER = "a number"


class OrNull:
    """A value that may also be null."""

    def __init__(self, shape):
        self.shape = shape


_STATE = {"load": TEXT, "active": TEXT, "sub": TEXT}


def _started_by(left):
    """The shape of what started a unit; ``by`` has what started that in turn, ``left`` more times at most."""
    return {
        "kind": TEXT,
        "unit": OrNull(TEXT),
        "at": OrNull(TEXT),
        "certainty": TEXT,
        "text": TEXT,
        "who": OrNull(TEXT),
        "evidence": [TEXT],
        "candidates": [{"kind": TEXT, "unit": OrNull(TEXT), "text": TEXT, "evidence": [TEXT]}],
        "by": OrNull(_started_by(left - 1) if left > 0 else {}),
    }


#: The report: key to type. ``[x]`` is a list of x, a dict is an object with these keys.
REPORT = {
    "changed": FLAG,
    "failed": FLAG,
    "msg": TEXT,
    "state": TEXT,
    "members": [
        {
            "unit": TEXT,
            "role": TEXT,
            "reason": TEXT,
            "families": [TEXT],
            "before": OrNull(_STATE),
            "after": OrNull(_STATE),
            "was": OrNull({"active": TEXT, "sub": TEXT}),
            "restore": OrNull(TEXT),
            "started_by": _started_by(MAX_CHAIN - 1),
        }
    ],
    "doors": [{"kind": TEXT, "unit": TEXT, "text": TEXT, "closed_by": TEXT}],
    "holds": [
        {
            "subject": TEXT,
            "phase": TEXT,
            "path": TEXT,
            "until": TEXT,
            "since": TEXT,
            "by": TEXT,
            "owner": OrNull(TEXT),
            "token": OrNull(TEXT),
            "reason": TEXT,
            "lease": OrNull(TEXT),
            "begun": FLAG,
            "overdue": FLAG,
            "release": TEXT,
        }
    ],
    "inexact": [{"unit": TEXT, "text": TEXT}],
    "warnings": [TEXT],
    "evidence": {
        "processes": [{"unit": TEXT, "pid": NUMBER, "command": TEXT}],
        "listeners": [TEXT],
        "refused": NUMBER,
    },
    "start_attempts": [
        {
            "unit": TEXT,
            "how": TEXT,
            "by": OrNull(TEXT),
            "count": NUMBER,
            "last": TEXT,
            "text": TEXT,
        }
    ],
    "start_attempts_complete": FLAG,
    "graph": PICTURE,
    "steps": [{"step": TEXT, "ms": NUMBER}],
    "version": TEXT,
}

#: What a host answers when a module was started there with ``async``.
JOB = {"ansible_job_id": TEXT, "results_file": TEXT, "started": NUMBER, "finished": NUMBER}

#: What Ansible itself puts into a module's answer. It is left out of the result without a word.
OF_ANSIBLE = ("_ansible_parsed", "ansible_facts", "deprecations", "diff", "exception", "invocation")

_BLANKS = re.compile("[\t\n\r]+")
# Control characters, line separators, the marks that turn the direction of writing, and halves of characters.
_UNPRINTABLE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


# A picture goes into tickets and wikis, which run what is in a drawing: so each line of it has to be one that quietus graph draws.
_LABEL = r'"([^"<>]|<br/>)*"'
_VALUE = r'"[^"<>()]*"'
_PICTURES = (
    (
        "digraph family {",
        re.compile(
            r"digraph family \{|  rankdir=LR;|  node \[shape=box\];|\}"
            r'|  n\d+( -> n\d+)? \[label="([^"\\]|\\["\\n])*"(, penwidth=2|, style=dashed)?\];'
        ),
    ),
    (
        "flowchart LR",
        re.compile(
            r"flowchart LR|  n\d+(\[{0}\]|\(\[{0}\]\)| -->\|{0}\| n\d+| -\.->\|{0}\| n\d+)".format(
                _LABEL
            )
        ),
    ),
    (
        "<svg ",
        re.compile(
            r"<svg( (xmlns|width|height|viewBox|font-family|font-size)={0})*>|</svg>"
            r"|<(rect|path)( (x|y|d|width|height|fill|stroke|stroke-width|stroke-dasharray)={0})*/>"
            r"|<text( (x|y)={0})*>[^<>]*</text>".format(_VALUE)
        ),
    ),
    ("", re.compile(r"[^\s()]+ \([^()]*\)|(\|   |    )?(\|-- |`-- ).*")),
)


class Unreadable(ValueError):
    """What a host said is no report; the text says where."""


def printable(text, limit=MAX_TEXT):
    """The text on one line, without characters that a terminal obeys, and cut where it is too long."""
    kept = "".join([text[: limit + 1]])  # of the plain type, whatever a library marked it as
    kept = _UNPRINTABLE.sub("\ufffd", _BLANKS.sub(" ", kept))
    return kept if len(kept) <= limit else kept[: limit - 3] + "..."


def _picture(text):
    """The lines of a picture, each as one that is printable.

    :returns: None when it is no picture that quietus graph draws.
    """
    lines = [printable(line, MAX_PICTURE) for line in text.split("\n")]
    for first, allowed in _PICTURES:
        if text.startswith(first):
            return "\n".join(lines) if all(allowed.fullmatch(line) for line in lines) else None


def read(line):
    """The report that a line of a host's output is.

    :raises Unreadable: when it is none.
    """
    try:
        value = json.loads(
            line,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
    except RuntimeError:  # of recursion
        raise Unreadable("it is nested too deeply")
    except ValueError as error:
        raise Unreadable(printable(str(error), 200))
    for key in ("changed", "msg"):
        if not isinstance(value, dict) or key not in value:
            raise Unreadable('it has no "{0}"'.format(key))
    return take(value)


def take(value, shape=None):
    """A report, or what else is of a shape, from a dict that came from a host.

    :returns: only what the shape has; what was dropped is told in ``warnings``.
    :raises Unreadable: when a value is not of its type, or there is too much.
    """
    reading = _Reading()
    taken = reading.take(value, REPORT if shape is None else shape, "")
    if reading.dropped:
        taken["warnings"] = taken.get("warnings", []) + [reading.warning()]
    return taken


def take_from_module(answer):
    """The same from what ``_execute_module`` returned."""
    own = dict((key, value) for key, value in answer.items() if key not in OF_ANSIBLE)
    if isinstance(own.get("warnings"), list):
        own["warnings"] = [_warning(entry) for entry in own["warnings"]]
    for key in ("changed", "failed"):
        own[key] = _flag(own.get(key, False))
    own.setdefault("msg", "")
    return take(own)


def take_job(answer):
    """The job that a module was started as."""
    job = dict((key, value) for key, value in answer.items() if key in JOB)
    for key in ("started", "finished"):
        job[key] = 1 if _flag(job.get(key)) is True else 0
    job = take(job, JOB)
    if not re.match(r"^[\w.-]{1,100}\Z", job.get("ansible_job_id", "")):
        raise Unreadable("ansible_job_id is not the name of a job")
    return dict(job, changed=True)


class _Reading:
    """One walk through a value, along its shape."""

    def __init__(self):
        self.left = MAX_SIZE
        self.dropped = set()

    def take(self, value, shape, path):
        if isinstance(shape, OrNull):
            return None if value is None else self.take(value, shape.shape, path)
        if isinstance(shape, dict):
            return self._dict(value, shape, path)
        if isinstance(shape, list):
            return self._list(value, shape[0], path)
        self._count(16, path)
        if shape in (TEXT, PICTURE):
            if not isinstance(value, str):
                raise Unreadable("{0} is not {1}".format(path, shape))
            self._count(len(value), path)
            taken = printable(value) if shape is TEXT else None
            if shape is PICTURE and len(value) <= MAX_PICTURE:
                taken = _picture(value)
            if taken is None:
                raise Unreadable("{0} is not {1}".format(path, PICTURE))
            return taken
        if shape is FLAG:
            if not isinstance(value, bool):
                raise Unreadable("{0} is not {1}".format(path, FLAG))
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 2**53:
            raise Unreadable("{0} is not {1}".format(path, NUMBER))
        return value

    def _dict(self, value, shape, path):
        if not isinstance(value, dict):
            raise Unreadable("{0} is not an object".format(path or "it"))
        taken = {}
        for key in value:
            name = printable(str(key), 60)
            inner = "{0}.{1}".format(path, name) if path else name
            if key in shape:
                taken[key] = self.take(value[key], shape[key], inner)
            else:
                self._count(64, path)
                self.dropped.add(inner)
        return taken

    def _list(self, value, shape, path):
        if not isinstance(value, list):
            raise Unreadable("{0} is not a list".format(path))
        if len(value) > MAX_LIST:
            raise Unreadable(
                "{0} has {1} entries, and at most {2} are read".format(path, len(value), MAX_LIST)
            )
        return [self.take(entry, shape, path) for entry in value]

    def _count(self, size, path):
        self.left -= size
        if self.left < 0:
            raise Unreadable("it is too large, at {0}".format(path))

    def warning(self):
        names = sorted(self.dropped)
        return "Not taken from this host's report, because nothing documented has these keys: {0}{1}. The agent does not write them: find out who did.".format(
            ", ".join(names[:8]), " and {0} more".format(len(names) - 8) if len(names) > 8 else ""
        )


def _flag(value):
    """Ansible itself writes 0 and 1 in places."""
    return bool(value) if isinstance(value, (bool, int)) else value


def _warning(entry):
    """Newer ansible-core has objects for warnings."""
    return (
        entry if isinstance(entry, str) else str(getattr(getattr(entry, "event", None), "msg", ""))
    )


def _object(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is there twice")
    return value


def _integer(text):
    if len(text) > 16:
        raise ValueError("a number is too large")
    return int(text)


def _fraction(text):
    if len(text) > 40:
        raise ValueError("a number is too long")
    return float(text)


def _no_number(text):
    raise ValueError(text + " is not a number")
