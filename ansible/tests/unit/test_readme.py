# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What README.md says was tested is what ansible/tests/run tests."""

from __future__ import annotations

import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]


def test_the_versions_that_the_readme_names_are_those_that_run():
    readme = (TOP / "README.md").read_text()
    table = readme.partition("## Tested with")[2].partition("##")[0]
    over_ssh = re.search(r"\| ansible-core, over ssh[^|]*\|([^|]*)\|", table).group(1)
    named = re.findall(r"\b(2\.\d+)\b", over_ssh)
    also = re.findall(r"\b(2\.\d+)\b", re.search(r"unit tests \|([^|]*)\|", table).group(1))
    defaults = re.findall(r"set -- ([\d. ]+)", (TOP / "tests" / "run").read_text())
    assert len(defaults) == 3, "unit, integration and windows each have their versions"
    for versions in defaults:
        assert versions.split() in (named, sorted(named + also, key=lambda v: int(v[2:])))
