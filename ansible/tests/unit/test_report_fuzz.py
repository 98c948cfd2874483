# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports as an attacker's host could send them: each is refused in the one documented way, or what is taken of it is safe.

``QUIETUS_FUZZ_EXAMPLES`` is how many are tried for each test (300); ``make fuzz`` tries more.
"""

from __future__ import annotations

import json
import os
import time

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import answers, report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("QUIETUS_FUZZ_EXAMPLES", "300"))

#: Processor time for one report, in seconds. Those here are small, so that it is a thousand times what one takes.
LIMIT = 1.0

UNSAFE = set(map(chr, (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), 0x2028, 0x2029)))

counts = {"read": 0, "refused": 0}

fuzzed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

texts = st.text(max_size=40) | st.sampled_from(
    [
        "",
        "\x1b]0;x\x07",
        "{{ x }}",
        "!unsafe",
        "\u202e",
        "\ud800",
        "a\nb",
        "digraph family {",
        "<svg ",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def of_shape(shape, strange):
    """Values of a shape of report.py; where ``strange``, now and then something else."""
    if isinstance(shape, report.OrNull):
        good = st.none() | of_shape(shape.shape, strange)
    elif isinstance(shape, dict):
        good = fields(shape, strange)
    elif isinstance(shape, list):
        good = st.lists(of_shape(shape[0], strange), max_size=3)
    elif shape == report.FLAG:
        good = st.booleans()
    elif shape == report.NUMBER:
        good = st.integers(-(2**50), 2**50) | st.floats(-1e9, 1e9)
    elif shape == report.PICTURE:
        good = st.just('flowchart LR\n  n0["a"]') | st.just("a (b)\n`-- c")
    else:
        good = texts
    return st.one_of(*[good] * 9, anything) if strange else good


def fields(shape, strange):
    return st.fixed_dictionaries(
        {}, optional={key: of_shape(value, strange) for key, value in shape.items()}
    )


#: Three levels of started_by instead of eight: a strategy of all of them takes seconds to make.
SHAPE = dict(
    report.REPORT,
    members=[dict(report.REPORT["members"][0], started_by=report._started_by(2))],
)

reports = st.builds(
    lambda must, more, strange: {**strange, **more, **must},
    st.fixed_dictionaries({"changed": st.booleans(), "msg": texts}),
    fields(SHAPE, False) | fields(SHAPE, True),
    st.dictionaries(texts, anything, max_size=2),
)


def assert_safe(value, shape, path=""):
    """Fails unless a value is exactly of a shape, and each text of it one printable line."""
    if isinstance(shape, report.OrNull):
        if value is not None:
            assert_safe(value, shape.shape, path)
    elif isinstance(shape, dict):
        assert value.__class__ is dict and set(value) <= set(shape), path
        for key, inner in value.items():
            assert_safe(inner, shape[key], f"{path}.{key}")
    elif isinstance(shape, list):
        assert value.__class__ is list and len(value) <= report.MAX_LIST, path
        for inner in value:
            assert_safe(inner, shape[0], path)
    elif shape == report.FLAG:
        assert value.__class__ is bool, path
    elif shape == report.NUMBER:
        assert value.__class__ in (int, float) and abs(value) < 2**53, path
    else:
        lines = value.split("\n") if shape == report.PICTURE else [value]
        assert value.__class__ is str and not any(set(line) & UNSAFE for line in lines), path
        value.encode()  # no half of a character


def read(line):
    """What is taken of a report; None when it is refused."""
    began = time.process_time()
    try:
        taken = report.read(line)
    except report.Unreadable as error:
        taken = None
        assert str(error) and not set(str(error)) & UNSAFE
    assert time.process_time() - began < LIMIT
    counts["refused" if taken is None else "read"] += 1
    if taken is not None:
        assert_safe(taken, report.REPORT)
    return taken


@fuzzed
@given(value=reports)
def test_a_report_is_taken_as_its_types_say_or_refused(value):
    line = json.dumps(value)
    taken = read(line)
    output = answers.Output(0, line + "\n", "")
    assert output.report == taken
    if taken is None:
        assert output.unreadable and output.problem()


@fuzzed
@given(line=st.text(max_size=200) | st.builds(json.dumps, anything))
def test_a_line_is_a_report_or_refused(line):
    read(line)


@fuzzed
@given(
    start=st.integers(0, 400),
    length=st.integers(0, 20),
    other=st.text(max_size=20),
    value=reports,
)
def test_a_report_that_was_damaged_on_its_way_is_taken_or_refused(start, length, other, value):
    line = json.dumps(value)
    start = min(start, len(line))
    read(line[:start] + other + line[start + length :])


@fuzzed
@given(
    out=st.lists(
        texts | st.builds(json.dumps, reports) | st.just(answers.ANSWER + " ready /x"),
        max_size=5,
    ),
    errors=texts,
)
def test_the_output_of_a_host_gives_one_answer(out, errors):
    output = answers.Output(1, "\n".join(out), errors)
    if output.report is None:
        problem = output.problem()
        assert problem and not set(problem) & UNSAFE
    else:
        assert_safe(output.report, report.REPORT)
    for detail in output.answers.values():
        assert not set(detail) & UNSAFE


@pytest.fixture(scope="module", autouse=True)
def counted():
    yield
    print(f"reports: {counts['read']} read, {counts['refused']} refused")
    assert counts["read"] > EXAMPLES / 4 and counts["refused"] > EXAMPLES / 4, counts
