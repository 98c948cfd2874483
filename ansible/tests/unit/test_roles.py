# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's options are the same in meta/argument_specs.yml, in defaults/main.yml and in the table of its README.md."""

from __future__ import annotations

import copy
import functools
import pathlib
import re

import pytest
import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (TOP / "roles").iterdir() if path.is_dir())
#: The default cell of a row whose options are those of the module unit_family.
AS_IN_MODULE = "as in `unit_family`"


@functools.lru_cache(maxsize=None)
def read(path):
    return yaml.safe_load(path.read_text())


def load(path):
    return copy.deepcopy(read(path))


def options_of(role):
    specs = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    assert list(specs) == ["main"], "a README's table has the options of one entry point"
    return specs["main"]["options"]


@functools.lru_cache(maxsize=None)
def module_options():
    source = (TOP / "plugins" / "modules" / "unit_family.py").read_text()
    text = re.search(r'^DOCUMENTATION = r?"""\n(.*?)"""', source, re.DOTALL | re.MULTILINE).group(1)
    return yaml.safe_load(text)["options"]


def rows(role):
    """(option, default cell) of each row. In a row of several options, `_owner` stands for the role's prefix and that."""
    text = (role / "README.md").read_text()
    head = "| variable | default | means |\n| --- | --- | --- |\n"
    assert text.count(head) == 1, f"{role.name}/README.md has one table of its options"
    table = text.partition(head)[2].partition("\n\n")[0]
    found = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        assert len(cells) == 3, line
        names = re.findall(r"`(\w+)`", cells[0])
        assert ", ".join(f"`{name}`" for name in names) == cells[0], line
        for name in names:
            found.append((role.name + name if name.startswith("_") else name, cells[1]))
    return found


def fits(option, default, cell, same):
    """Whether the default cell says what the options' own default is; same is the module's option of that name."""
    given, required = option.get("default"), option.get("required", False)
    quoted = re.fullmatch(r"`(.*)`", cell)
    if cell == "required":
        return required and default is None
    if required:
        return False
    if cell == AS_IN_MODULE:
        return bool(same) and given in (None, same.get("default")) and default == given
    if quoted:
        text = quoted.group(1)
        value = text if option["type"] in ("str", "path") else yaml.safe_load(text)
        return given == value == default
    if cell:  # in words, what is done without a value
        return given is None
    return given in (None, "") and default == given


def differences(options, defaults, table, module):
    """What is not the same, one line for each option; all four are dicts by an option's name."""
    found = [f"{name}: only in README.md" for name in table if name not in options]
    found += [f"{name}: only in defaults/main.yml" for name in defaults if name not in options]
    for name, option in options.items():
        default = defaults.get(name)
        if name not in table:
            found.append(f"{name}: not in README.md")
            continue
        same = next((module[word] for word in module if name.endswith("_" + word)), None)
        if not fits(option, default, table[name], same):
            found.append(
                f"{name}: argument_specs.yml {option.get('default')!r}, defaults/main.yml {default!r}, README.md {table[name]}"
            )
    return found


def named(lines):
    return {line.partition(":")[0] for line in lines}


def parts(role):
    table = rows(role)
    assert len(table) == len(dict(table)), "an option has two rows"
    return options_of(role), load(role / "defaults" / "main.yml"), dict(table), module_options()


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_options_of_a_role_are_those_of_its_readme(role):
    options, defaults, table, module = parts(role)
    assert len(options) >= 8, "the file was read"
    assert differences(options, defaults, table, module) == []


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_option_that_one_of_the_three_has_not_is_named(role):
    for which in range(3):
        for name in parts(role)[which]:
            made = parts(role)
            given = made[0][name].get("default")
            if which == 1 and given is None:
                continue  # computed in defaults/main.yml, and the README has it in words
            del made[which][name]
            assert named(differences(*made)) == {name}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_default_that_one_of_the_three_has_otherwise_is_named(role):
    for which in range(3):
        for name, option in parts(role)[0].items():
            made = parts(role)
            if which == 0:
                made[0][name] = {**option, "default": "another", "required": False}
            elif which == 1 and "default" in option:
                made[1][name] = "another"
            elif which == 2:
                made[2][name] = "`another`"
            else:
                continue
            assert named(differences(*made)) == {name}
