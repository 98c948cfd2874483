# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real results, compared with their documentation in RETURN."""

from __future__ import annotations

import ast
import os
import pathlib

import yaml

MODULES = (
    pathlib.Path(os.environ["QUIETUS_COLLECTIONS"])
    / "ansible_collections/quietus/systemd/plugins/modules"
)
TYPES = {"str": str, "int": int, "float": (int, float), "bool": bool, "list": list, "dict": dict}

# What Ansible itself puts into any result.
ANSIBLES = {
    "changed",
    "failed",
    "warnings",
    "deprecations",
    "exception",
    "invocation",
    "ansible_job_id",
    "started",
    "finished",
    "results_file",
    "skipped",
    "skip_reason",
    "false_condition",
    "timedout",
    "stdout",
    "stdout_lines",
    "stderr",
    "stderr_lines",
    "ansible_loop_var",
    "item",
    "attempts",
    "censored",
    "ansible_delegated_vars",
}


def documented(module):
    """RETURN of a module, by key."""
    tree = ast.parse((MODULES / f"{module}.py").read_text())
    (text,) = (
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "RETURN"
    )
    return yaml.safe_load(text)


def paths(keys, above=""):
    """All documented keys, as paths such as members.before.load."""
    for key, entry in keys.items():
        yield above + key
        yield from paths(entry.get("contains", {}), f"{above}{key}.")


def compare(keys, value, above=""):
    """Walks through a result. Yields (path, complaint or None) for each key in it; what may be null says so in its description."""
    for key, entry in value.items():
        path = above + key
        if not above and (key in ANSIBLES or key.startswith("_ansible")):
            continue
        if key not in keys:
            yield path, "is not documented"
            continue
        said = keys[key]
        if entry is None:
            yield (
                path,
                None
                if "null" in str(said["description"]).lower()
                else "is null, and that is not documented",
            )
            continue
        if not isinstance(entry, TYPES[said["type"]]) or isinstance(entry, bool) != (
            said["type"] == "bool"
        ):
            yield path, f"is {entry!r}, and documented as {said['type']}"
            continue
        yield path, None
        for one in entry if isinstance(entry, list) else [entry]:
            if isinstance(entry, list) and not isinstance(one, TYPES[said["elements"]]):
                yield path, f"has {one!r}, and is documented as a list of {said['elements']}"
            elif isinstance(one, dict):
                inner = said.get("contains", keys if key == "by" else {})
                yield from compare(inner, one, f"{path}.")
                yield from (
                    (f"{path}.{other}", "is documented as always there")
                    for other in inner
                    if other not in one and inner[other]["returned"] == "always"
                )


def check(event, seen):
    """Compares one task's result, each item's where it was a loop; adds the keys that were seen."""
    module = event["action"].split(".")[-1]
    if (
        module not in ("unit_family", "unit_family_info")
        or event["status"] not in ("ok", "failed")
        or "censored" in event["result"]
    ):
        return
    for result in event["result"].get("results", [event["result"]]):
        for path, complaint in compare(documented(module), result):
            assert not complaint, f"{module}: {path} {complaint}"
            seen.add((module, path))
