# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made on the controller from the results of all hosts: the table of holds, the record of a window."""

from __future__ import annotations

import copy
import datetime
import html.parser
import json
import os
import types

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.quietus.systemd.plugins.action import (
    holds_table as table_action,
)
from ansible_collections.quietus.systemd.plugins.action import (
    window_report as report_action,
)
from ansible_collections.quietus.systemd.plugins.plugin_utils import (
    all_hosts,
    holds_table,
    window_pages,
    window_record,
)

NOW = datetime.datetime(2026, 3, 1, 12, 0, 0)
HOSTILE = "<script>alert(1)</script>\x1b[31m|`x`\n# [a](http://b) &amp; \u202e'\""


def hold(subject="myapi.service", since="2026-03-01T11:00:00Z", lease=None, **more):
    return {
        "subject": subject,
        "phase": "held",
        "path": "/etc/quietus/holds/" + subject,
        "until": "released",
        "since": since,
        "by": "ansible from admin@ctl",
        "owner": "admin@ctl",
        "token": None,
        "reason": "migration 42",
        "lease": lease,
        "release": f"quietus release '{subject}'",
        **more,
    }


def answer(*holds):
    return {"changed": False, "msg": "x", "holds": list(holds)}


def test_holds_that_need_attention_come_first():
    found = [
        ("a", True, [answer(hold(since="2026-03-01T11:59:00Z"))]),
        ("b", True, [answer(hold(lease="2026-03-01T11:30:00Z"), hold(subject="old.service"))]),
        ("c", True, [answer(hold(phase="releasing"))]),
        ("d", True, [answer(hold(lease="2026-03-01T10:30:00Z"))]),
        ("e", True, [answer(hold(lease="2026-03-01T13:30:00Z", since="2026-02-01T00:00:00Z"))]),
    ]
    data = holds_table.collect([(host, here, one[0]) for host, here, one in found], NOW)
    assert [(one["host"], one["subject"], one["overdue"]) for one in data["holds"]] == [
        ("d", "myapi.service", True),
        ("b", "myapi.service", True),
        ("c", "myapi.service", False),
        ("e", "myapi.service", False),
        ("b", "old.service", False),
        ("a", "myapi.service", False),
    ]
    lines = holds_table.table(data, NOW, 100)
    assert "OVERDUE 1 h 30 min" in lines[1] and "OVERDUE 30 min" in lines[2]
    assert "release not complete" in lines[3] and "1 h 30 min left" in lines[4]
    assert lines[-1] == "6 holds on 5 hosts, 2 overdue."


def test_the_host_decides_whether_a_lease_is_overdue():
    early, late = "2026-03-01T11:30:00Z", "2026-03-01T13:30:00Z"
    found = [
        ("a", True, answer(hold(lease=late, overdue=True))),
        ("b", True, answer(hold(lease=early, overdue=False))),
    ]
    data = holds_table.collect(found, NOW)
    assert [(one["host"], one["overdue"]) for one in data["holds"]] == [("a", True), ("b", False)]
    lines = holds_table.table(data, NOW, 100)
    assert "OVERDUE  " in lines[1] and "OVERDUE" not in lines[2]


def test_hosts_that_did_not_answer_are_named():
    data = holds_table.collect(
        [
            ("up", True, answer()),
            ("dark", True, {"unreachable": True, "msg": "no route\r\n"}),
            ("java", True, {"failed": True, "msg": "There is no Java on this host."}),
            ("gone", False, None),
            ("lost", False, answer(hold())),  # of an earlier play
        ],
        NOW,
    )
    assert [(one["host"], one["reached"], one["msg"]) for one in data["missing"]] == [
        ("dark", False, "no route"),
        ("java", True, "There is no Java on this host."),
        ("gone", False, "it was lost before"),
        ("lost", False, "x"),
    ]
    assert holds_table.table(data, NOW, 100) == [
        "No holds on 1 host.",
        "Not reached: dark: no route",
        "Failed: java: There is no Java on this host.",
        "Not reached: gone: it was lost before",
        "Not reached: lost: x",
    ]


@pytest.mark.parametrize("width", [20, 80, 100, 120, 300])
def test_a_table_of_hostile_texts_keeps_its_width_and_its_lines(width):
    host = "web-042.a-rather-long-name.production.example.com"
    data = holds_table.collect(
        [
            (
                host,
                True,
                answer(
                    hold(subject="u" * 250 + ".service", reason=HOSTILE * 10, by="\x1b]0;x\x07")
                ),
            ),
            (host, True, {"failed": True, "msg": HOSTILE * 100}),
        ],
        NOW,
    )
    lines = holds_table.table(data, NOW, width)
    assert max(len(line) for line in lines) <= max(80, min(120, width))
    assert all(line.isprintable() for line in lines)
    # Nothing of a host's name is lost: its pieces stand below each other.
    assert host in "".join(
        line[: len(lines[0]) - len(lines[0].split("host", 1)[1].lstrip())].strip()
        for line in lines[1:]
    ).replace(" ", "")


UNITS = [("myapi.service", "subject"), ("myapi.socket", "activator")]


def results(start, back=True, refused=0):
    """The results of hold and release of a host whose window went well."""
    down, up = {"active": "inactive", "sub": "dead"}, {"active": "active", "sub": "running"}
    end = {"active": "failed", "sub": "failed"} if not back else up
    members = [
        {"unit": unit, "role": role, "before": up, "after": down, "was": up, "restore": "start"}
        for unit, role in UNITS
    ]
    held = {
        "changed": True,
        "failed": False,
        "msg": "quiesced",
        "holds": [hold()],
        "members": members,
        "evidence": {"processes": [], "listeners": [], "refused": refused},
        "start": f"2026-03-01T11:{start:02d}:00.000Z",
        "end": f"2026-03-01T11:{start:02d}:02.500Z",
    }
    released = {
        "changed": True,
        "failed": not back,
        "msg": "released" if back else "myapi.service did not come up",
        "holds": [],
        "members": [dict(one, before=down, after=end) for one in members],
        "start": f"2026-03-01T11:{start + 5:02d}:00.000Z",
        "end": f"2026-03-01T11:{start + 5:02d}:01.250Z",
    }
    return held, released


def endings(found):
    record = window_record.record(found, "r")
    return {host["host"]: host["ending"] for host in record["hosts"]}


def test_a_record_of_three_hosts():
    found = [
        ("web1", True, [*results(1, refused=3), True]),
        ("web2", True, [*results(2, refused=1), None]),
        ("web3", True, [*results(1, back=False), True]),
    ]
    record = window_record.record(found, "migration 42")
    assert [(host["host"], host["ending"]) for host in record["hosts"]] == [
        ("web3", window_record.STILL_HELD),
        ("web2", window_record.FAILED),
        ("web1", window_record.RELEASED),
    ]
    assert record["refused"] == 4 and record["by"] == "ansible from admin@ctl"
    assert (record["start"], record["end"]) == (
        datetime.datetime(2026, 3, 1, 11, 1),
        datetime.datetime(2026, 3, 1, 11, 7, 1, 250000),
    )
    text = window_pages.markdown(record)
    assert "| web1 | released | 11:01:00 | 11:06:01 | 1.2 s | 2 of 2 | 3 |" in text
    assert "- web2: tasks: one failed, or the host was lost." in text
    assert "- web3: release: myapi.service did not come up" in text
    assert "failed (failed) NOT BACK" in text
    page = window_pages.page(record)
    assert page.count("<rect") == 3 + 3 + 3  # web3 is not up again: its last bar is open
    assert "1 host: may still be held" in page and "failed (failed), not back" in page


def test_how_the_tasks_can_end():
    for ended, began, ending in (
        (True, True, "RELEASED"),
        (None, True, "FAILED"),
        ("yes", True, "FAILED"),  # only the role can tell
        (None, False, "NOT_RUN"),
    ):
        record = window_record.record([("web1", True, [*results(1), ended])], "r", began)
        assert record["hosts"][0]["ending"] == getattr(window_record, ending)


def test_a_lost_host_that_another_task_released():
    held, released = results(1)
    found = [
        ("web1", False, [held, {"unreachable": True}, None]),
        ("web2", True, [held, released, True]),
    ]
    found = window_record.with_lost(found, {"results": [dict(released, item="web1")]})
    assert endings(found) == {"web1": window_record.FAILED, "web2": window_record.RELEASED}
    assert window_record.with_lost(found, None) == found == window_record.with_lost(found, {"x": 1})


@pytest.mark.parametrize(
    "change, ending",
    [
        (lambda held, released: ({"unreachable": True, "msg": "gone"}, None), "NOT_HELD"),
        (
            lambda held, released: ({"failed": True, "msg": "refused"}, {"skipped": True}),
            "NOT_HELD",
        ),
        (lambda held, released: (dict(held, failed=True), None), "STILL_HELD"),
        (lambda held, released: (dict(held, failed=True), released), "NOT_HELD"),
        (lambda held, released: (held, None), "STILL_HELD"),
        (lambda held, released: (held, {"skipped": True}), "STILL_HELD"),
        (lambda held, released: (held, {"unreachable": True, "msg": "gone"}), "STILL_HELD"),
        (lambda held, released: (held, dict(released, changed=False)), "NOT_WHOLE"),
        (lambda held, released: (None, None), "NOT_REACHED"),
        (lambda held, released: ({"skipped": True}, {"skipped": True}), "NOT_REACHED"),
        (lambda held, released: (held, released), "RELEASED"),
    ],
)
def test_how_a_window_can_end(change, ending):
    wanted = getattr(window_record, ending)
    found = [("web1", True, [*change(*results(1)), True])]
    assert endings(found) == {"web1": wanted}
    problems = window_record.record(found, "r")["hosts"][0]["problems"]
    assert bool(problems) == (ending != "RELEASED") or (ending == "NOT_HELD")


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links, self.texts = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]

    def handle_data(self, data):
        self.texts.append(data)


def replaced(value, text):
    """The same value with each text in it replaced."""
    if isinstance(value, dict):
        return {key: replaced(one, text) for key, one in value.items()}
    if isinstance(value, list):
        return [replaced(one, text) for one in value]
    return text if isinstance(value, str) else value


def test_what_a_host_says_does_not_reach_the_page_as_markup():
    held, released = results(1, back=False)
    plain = [("web1", True, [held, released, "x"])]
    hostile = [
        (
            HOSTILE,
            True,
            [
                dict(replaced(held, HOSTILE), start=held["start"], end=held["end"]),
                dict(replaced(released, HOSTILE), start=released["start"], end=released["end"]),
                HOSTILE,
            ],
        )
    ]
    pages = []
    for found, reason in ((plain, "r"), (hostile, HOSTILE)):
        tags = Tags()
        tags.feed(window_pages.page(window_record.record(found, reason)))
        pages.append(tags)
    assert set(pages[0].tags) >= set(pages[1].tags) and "script" not in pages[1].tags
    assert pages[0].links == pages[1].links == []
    assert "<script>alert(1)</script>" in "".join(pages[1].texts)  # seen, as text
    text = window_pages.markdown(window_record.record(hostile, HOSTILE))
    assert "<" not in text and "[a](" not in text and "://" not in text and "\x1b" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 1 + 2 + 2  # a text adds neither a line nor a column
    assert {line.replace("\\|", "").count("|") for line in rows} == {8, 6}


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [7], {"a": 1}, True])
def test_a_result_of_the_wrong_types_is_still_recorded(wrong):
    held, released = results(1)
    compared = 0
    for key in ("holds", "members", "evidence", "start", "end", "msg", "changed"):
        for result, place in ((held, 0), (released, 1)):
            pair = [copy.deepcopy(held), copy.deepcopy(released), None]
            pair[place] = dict(result, **{key: wrong})
            record = window_record.record([("web1", True, pair)], "r")
            assert window_pages.page(record) and window_pages.markdown(record)
            compared += 1
    for key in held["members"][0]:
        members = [dict(held["members"][0], **{key: wrong})]
        pair = [dict(held, members=members), dict(released, members=members), None]
        assert window_pages.page(window_record.record([("web1", True, pair)], "r"))
        compared += 1
    assert compared == 20


class HostVars:
    """As Ansible's own, for what is used of it; it counts."""

    def __init__(self, variables):
        self.variables = variables
        self.asked = []

    def raw_get(self, host):
        self.asked.append(host)
        return self.variables[host]

    def __getitem__(self, host):
        raise AssertionError("templates all variables of " + host)


def run(action, task_vars, check=False, **args):
    task = Task.load({"action": "quietus.systemd.x", "args": args, "check_mode": check})
    connection = types.SimpleNamespace(_shell=types.SimpleNamespace(tmpdir="/nowhere"))
    plugin = action.ActionModule(
        task, connection, PlayContext(), DataLoader(), Templar(DataLoader()), None
    )
    plugin._load_name = "quietus.systemd.x"
    return plugin.run(task_vars=task_vars)


def variables(hosts, lost=()):
    return {
        "hostvars": HostVars(hosts),
        "ansible_play_hosts_all": list(hosts),
        "ansible_play_hosts": [host for host in hosts if host not in lost],
    }


def test_each_host_is_looked_at_once():
    hosts = {f"web{i}": {"held": results(1)[0], "released": results(1)[1]} for i in range(300)}
    task_vars = variables(hosts)
    found = all_hosts.registered(task_vars, ["held", "released", "none"])
    assert task_vars["hostvars"].asked == list(hosts) and len(found) == 300
    assert found[0][2][1]["msg"] == "released" and found[0][2][2] is None


def test_the_table_is_printed_and_written(tmp_path, monkeypatch):
    printed = []
    monkeypatch.setattr(table_action.display, "display", printed.append)
    path = tmp_path / "holds.json"
    task_vars = variables(
        {"web1": {"asked": answer(hold())}, "web2": {"asked": answer()}}, lost=["web2"]
    )
    assert (
        run(table_action, task_vars, check=True, registered="asked", path=str(path))["asked"] == 1
    )
    assert not path.exists()
    result = run(table_action, task_vars, registered="asked", path=str(path))
    assert result["changed"] and result["msg"].endswith("not shown: web2.")
    assert printed[1].split() == ["host", "family", "held", "since", "lease", "by", "reason"]
    written = json.loads(path.read_text())
    assert written["holds"] == result["holds"] and written["missing"][0]["host"] == "web2"


def test_the_record_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    held, released = results(1)
    task_vars = variables({"web1": {"held": held, "released": released, "ended": True}})
    path = tmp_path / "new" / "window.html"
    args = dict(path=str(path), reason="r", hold="held", release="released", ended="ended")
    assert run(report_action, task_vars, check=True, **args)["changed"]
    assert not path.parent.exists()
    result = run(report_action, task_vars, **args)
    assert result["files"] == [str(path.with_suffix(".md")), str(path)]
    assert result["counts"] == {window_record.RELEASED: 1}
    before = path.read_text()
    assert before.startswith("<!DOCTYPE html>")
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask()

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(Exception, match="could not be written.*the disk is full"):
        args["reason"] = "another"
        run(report_action, task_vars, **args)
    assert path.read_text() == before
    assert sorted(one.name for one in path.parent.iterdir()) == ["window.html", "window.md"]


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def refuse(*arguments):
    raise OSError("the disk is full")
