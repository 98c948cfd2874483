# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that belong to an attacker, and a real ansible-playbook: whatever they report, they change nothing on the controller."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import report
from ansible_collections.quietus.systemd.plugins.plugin_utils import shipping
from conftest import REPORT

HERE = pathlib.Path(__file__).resolve().parent
WAYS = ("action", "module")

#: Every key to which some ansible-core from 2.14 on gives a meaning in a result, with what an attacker would say.
SPECIAL = {
    "add_host": {
        "host_name": "victim",
        "groups": ["evil_group"],
        "host_vars": {"ansible_connection": "local", "evil": "yes"},
    },
    "add_group": "evil_group",
    "parent_groups": ["all"],
    "ansible_facts": {"evil": "yes", "ansible_connection": "local", "ansible_shell_type": "evil"},
    "_ansible_facts_cacheable": True,
    "_ansible_notify": ["evil"],
    "_ansible_no_log": True,
    "_ansible_delegated_vars": {"ansible_delegated_host": "victim", "ansible_host": "evil"},
    "ansible_delegated_vars": {"victim": {"ansible_connection": "local"}},
    "_ansible_item_label": "evil",
    "_ansible_item_result": True,
    "_ansible_ignore_errors": True,
    "_ansible_ignore_unreachable": True,
    "_ansible_verbose_always": True,
    "_ansible_verbose_override": True,
    "_ansible_retry": True,
    "_ansible_parsed": False,
    "_ansible_socket": "/evil",
    "_ansible_suppress_tmpdir_delete": True,
    "ansible_stats": {"data": {"evil": "yes"}, "per_host": False, "aggregate": True},
    "ansible_job_id": "../../evil",
    "ansible_async_watchdog_pid": 1,
    "async_result": {"ansible_job_id": "evil"},
    "ansible_module_results": [1],
    "ansible_included_var_files": ["/etc/passwd"],
    "ansible_loop_var": "evil",
    "ansible_index_var": "evil",
    "ansible_loop": {"evil": 1},
    "ansible_search_path": ["/evil"],
    "ansible_rsync_path": "/evil",
    "ansible_playbook_python": "/evil",
    "discovered_interpreter_python": "/evil",
    "reason": "evil",
    "item": "evil",
    "include": "/etc/passwd",
    "include_file": "/etc/passwd",
    "include_args": {"evil": "yes"},
    "include_variables": {"evil": "yes"},
    "include_vars": {"evil": "yes"},
    "invocation": {"module_args": {"evil": "yes"}},
    "exception": "Traceback (most recent call last): evil",
    "diff": {"before": "evil", "after": "more evil"},
    "prepared": "evil",
    "deprecations": [{"msg": "evil", "version": "99"}],
    "results": [{"skipped": True, "failed": True, "add_host": {"host_name": "evil"}}],
    "result": "evil",
    "skipped": True,
    "skip_reason": "evil",
    "skipped_reason": "evil",
    "false_condition": "evil",
    "unreachable": True,
    "rc": 7,
    "changed_when_result": True,
    "failed_when_result": True,
    "break_when_result": True,
    "failed_when_suppressed_exception": "evil",
    "changed_when_suppressed_exception": "evil",
    "break_when_suppressed_exception": "evil",
    "loop_item": "evil",
    "loop_index": 7,
    "loop_results": [{"skipped": True}],
    "attempts": 1000000,
    "retries": 1000000,
    "started": 1,
    "finished": 0,
    "results_file": "/evil",
    "timedout": {"period": 1},
    "stdout": "evil",
    "stderr": "evil",
    "stdout_lines": ["evil"],
    "stderr_lines": ["evil"],
    "module_stdout": "evil",
    "module_stderr": "evil",
    "censored": "evil",
    "assertion": "evil",
    "failed_modules": {"evil": {}},
    "restart": True,
    "notify": ["evil"],
    "pending_changes": {"register_host_variables": {"1": {"evil": "yes"}}},
    "register_host_variables": {"evil": "yes"},
    "result_data": {"evil": "yes"},
    "no_log": True,
    "ignore_errors": True,
    "ignore_unreachable": True,
    "__ansible_unsafe": "evil",
    "__ansible_vault": "evil",
    "__ansible_type": "_TrustedAsTemplate",
    "__payload__": "evil",
    "ansible_connection": "local",
    "ansible_host": "evil",
    "aggregate": True,
    "per_host": True,
    "data": {"evil": "yes"},
    "error": "evil",
    "messages": ["evil"],
    "socket_path": "/evil",
    "warning": "evil",
}

#: From a module, these say that it could not be run, and newer ansible-core refuses types that are not its own.
REFUSED_BY_ANSIBLE = ("module_stdout", "module_stderr", "__ansible_type")

#: Output that is no valid report. The host fails, with a sentence that has these words.
BROKEN = {
    "type-of-msg": (json.dumps(dict(REPORT, msg=["x"])), "msg is not a text"),
    "type-of-members": (json.dumps(dict(REPORT, members={"0": {}})), "members is not a list"),
    "type-of-member": (json.dumps(dict(REPORT, members=["x"])), "members is not an object"),
    "type-of-before": (
        json.dumps(dict(REPORT, members=[{"before": "x"}])),
        "members.before is not an object",
    ),
    "type-of-ms": (
        json.dumps(dict(REPORT, steps=[{"step": "x", "ms": True}])),
        "steps.ms is not a number",
    ),
    "vault": (json.dumps(dict(REPORT, msg={"__ansible_vault": "x"})), "msg is not a text"),
    "not-a-number": (
        json.dumps(dict(REPORT, steps=[{"step": "x", "ms": float("nan")}])),
        "not a number",
    ),
    "infinite": (
        json.dumps(dict(REPORT, steps=[])).replace('"steps": []', '"steps": [{"ms": 1e999}]'),
        "steps.ms is not a number",
    ),
    "huge-integer": (
        json.dumps(dict(REPORT, steps=[])).replace("[]", '[{"ms": ' + "9" * 100000 + "}]", 1),
        ".",
    ),
    "long-list": (json.dumps(dict(REPORT, doors=[{}] * 100000)), "doors has 100000 entries"),
    "deep": (
        json.dumps(dict(REPORT, members="DEEP")).replace('"DEEP"', "[" * 200000 + "]" * 200000),
        "nested too deeply",
    ),
    "deep-unknown": (
        json.dumps(dict(REPORT, evil="DEEP")).replace(
            '"DEEP"', '{"a":' * 200000 + "1" + "}" * 200000
        ),
        "nested too deeply",
    ),
}

#: What started a unit, as the agent tells it, and how deep it may go.
STARTED_BY = {
    "kind": "timer",
    "unit": "report.timer",
    "at": "2026-11-24T16:44:46.058Z",
    "certainty": "known",
    "text": "report.service was started by the timer report.timer",
    "who": None,
    "evidence": ["report.timer elapsed"],
    "candidates": [{"kind": "socket", "unit": None, "text": "x", "evidence": ["y"]}],
    "by": None,
}
ATTEMPT = {
    "unit": "a.service",
    "how": "gate",
    "by": None,
    "count": 1,
    "last": "2026-11-24T16:44:46Z",
    "text": "x",
}


def nested(times):
    story = None
    for dummy in range(times):
        story = dict(STARTED_BY, by=story)
    return story


def member(story):
    return dict(REPORT, members=[{"unit": "a.service", "started_by": story}])


BROKEN.update(
    {
        "type-of-story": (json.dumps(member("x")), "members.started_by is not an object"),
        "type-of-evidence": (
            json.dumps(member(dict(STARTED_BY, evidence="x"))),
            "members.started_by.evidence is not a list",
        ),
        "type-of-candidate": (
            json.dumps(member(dict(STARTED_BY, candidates=[{"unit": {"__ansible_vault": "x"}}]))),
            "members.started_by.candidates.unit is not a text",
        ),
        "type-of-attempts": (json.dumps(dict(REPORT, start_attempts={})), "start_attempts is not"),
        "type-of-count": (
            json.dumps(dict(REPORT, start_attempts=[dict(ATTEMPT, count="many")])),
            "start_attempts.count is not a number",
        ),
        "type-of-picture": (json.dumps(dict(REPORT, graph=["flowchart LR"])), "graph is not a"),
        "script-in-picture": (
            json.dumps(dict(REPORT, graph="<svg >\n<script>evil()</script>\n</svg>")),
            "graph is not a picture",
        ),
        "click-in-picture": (
            json.dumps(
                dict(REPORT, graph='flowchart LR\n  n0["a"]\n  click n0 href "javascript:evil()"')
            ),
            "graph is not a picture",
        ),
        "large-picture": (
            json.dumps(dict(REPORT, graph="a (b)" + "\n|-- x" * 200000)),
            "graph is not a picture",
        ),
    }
)

#: Reports that only the first way reads so strictly: the second gets what Ansible has parsed.
BROKEN_FOR_THE_ACTION = {
    "type-of-warnings": (json.dumps(dict(REPORT, warnings="x")), "is not a"),
    "type-of-changed": (json.dumps(dict(REPORT, changed="yes")), "changed is not true or false"),
    "twice": (json.dumps(REPORT)[:-1] + ', "changed": false}', "a key is there twice"),
    "large": (json.dumps(dict(REPORT, msg="x" * 100_000_000)), "it is too large"),
    "cut": (json.dumps(REPORT)[:-20], "cannot be read"),
    "many-keys": (
        json.dumps(dict(REPORT, **{f"key{i}": i for i in range(700000)})),
        "it is too large",
    ),
}

#: What a host answers when a module was started there with async, and what is no such answer.
JOB = {"ansible_job_id": "j12.34", "results_file": "/root/x", "started": 1, "finished": 0}
BROKEN_JOBS = {
    "id": json.dumps(dict(JOB, ansible_job_id="../../evil")),
    "no-id": json.dumps(dict(JOB, ansible_job_id="")),
    "type-of-id": json.dumps(dict(JOB, ansible_job_id=["evil"])),
    "type-of-file": json.dumps(dict(JOB, results_file={"evil": 1})),
    "lines-in-id": json.dumps(dict(JOB, ansible_job_id="a\nevil")),
    "deep": json.dumps(dict(JOB, evil="DEEP")).replace('"DEEP"', "[" * 200000 + "]" * 200000),
}

#: Texts, and what of them may reach a terminal or a later task.
TEXTS = {
    "escapes": (
        "\x1b[2J\x1b]0;evil\x07red\x9b31m\x7f",
        "\ufffd[2J\ufffd]0;evil\ufffdred\ufffd31m\ufffd",
    ),
    "lines": (
        "one\r\nfatal: [victim]: two\u2028three\u0085",
        "one fatal: [victim]: two\ufffdthree\ufffd",
    ),
    "directions": ("\u202eevil\u2066\u200f", "\ufffdevil\ufffd\ufffd"),
    "template": ("{{ 6 * 7 }}{% raw %}", "{{ 6 * 7 }}{% raw %}"),
    "lookup": ("{{ lookup('pipe', 'echo evil') }}", "{{ lookup('pipe', 'echo evil') }}"),
    "long": ("x" * 1000000, "x" * (report.MAX_TEXT - 3) + "..."),
    "umlauts": ("größer 🙂", "größer 🙂"),
}

PLAY = """
- hosts: crafted
  gather_facts: false
  handlers:
    - name: evil
      ansible.builtin.debug: {msg: a handler ran}
  tasks:
    - name: crafted
      quietus.systemd.unit_family: {name: myapi, state: quiesced}
      register: crafted
      async: "{{ 30 if inventory_hostname.startswith('async') else 0 }}"
      poll: 0
      ignore_errors: true
    - name: after
      ansible.builtin.debug: {msg: "{{ [crafted.msg | default(''), hostvars[inventory_hostname].keys() | list | sort] }}"}
- hosts: localhost
  gather_facts: false
  tasks:
    - name: inventory
      ansible.builtin.debug: {msg: "{{ [groups, hostvars['victim'].ansible_connection, hostvars['victim'].evil | default('none')] }}"}
"""


def async_keys():
    """The special keys in small groups, but those that are of a job and those that newer ansible-core refuses."""
    keys = [key for key in SPECIAL if key not in JOB and key not in REFUSED_BY_ANSIBLE]
    return [keys[start : start + 8] for start in range(0, len(keys), 8)]


def answers():
    """What each host says, by its name."""
    said = {"action-honest": json.dumps(REPORT).encode()}
    for way in WAYS:
        for number, (key, value) in enumerate(SPECIAL.items()):
            text = json.dumps(dict(REPORT, **{key: value}))
            said[f"{way}-special{number}-{key}"] = text.encode()
        everything = dict(REPORT, **SPECIAL)
        for key in REFUSED_BY_ANSIBLE if way == "module" else ():
            del everything[key]
        said[f"{way}-everything"] = json.dumps(everything).encode()
        inner = {**SPECIAL, **REPORT["members"][0]}
        said[f"{way}-inner"] = json.dumps(dict(REPORT, members=[inner])).encode()
        for name, (text, dummy) in BROKEN.items():
            said[f"{way}-broken-{name}"] = text.encode()
        for name, (text, dummy) in TEXTS.items():
            said[f"{way}-text-{name}"] = json.dumps(dict(REPORT, msg=text)).encode()
        said[f"{way}-half"] = json.dumps(REPORT).replace("myapi.service is", "\\ud800 is").encode()
        said[f"{way}-bytes"] = (
            json.dumps(REPORT).encode().replace(b"myapi.service is", b"\xff\xfe is")
        )
        said[f"{way}-silent"] = b""
    said["async-honest"] = json.dumps(JOB).encode()
    for number, keys in enumerate(async_keys()):
        text = json.dumps({**{key: SPECIAL[key] for key in keys}, **JOB})
        said[f"async-special{number}"] = text.encode()
    for name, text in BROKEN_JOBS.items():
        said[f"async-broken-{name}"] = text.encode()
    for name, (text, dummy) in TEXTS.items():
        raw = json.dumps(dict(REPORT, msg=text), ensure_ascii=False)
        said[f"action-raw-{name}"] = raw.encode()
    for name, (text, dummy) in BROKEN_FOR_THE_ACTION.items():
        said[f"action-broken-{name}"] = text.encode()
    said["action-shell"] = (
        b"quietus-shell: no-jar\nquietus-shell: wrong-jar \x1b[2Jevil"
        + b"x" * 100000
        + b"\nquietus-shell: add_host evil\n"
        + b"quietus-shell: no-archive\n" * 100000
    )
    return said


class Run:
    """One run of ansible-playbook over all these hosts."""

    def __init__(self, directory):
        self.directory = directory
        self.said = answers()
        for host, text in self.said.items():
            (directory / f"{host}.stdout").write_bytes(text + b"\n")
        (directory / "play.yml").write_text(PLAY)
        (directory / "hosts").write_text(
            "localhost ansible_connection=local\nvictim ansible_connection=crafted\n[crafted]\n"
            + "".join(f"{host}\n" for host in self.said)
            + "[crafted:vars]\nansible_connection=crafted\nansible_python_interpreter=/usr/bin/python3\n"
        )
        jar = pathlib.Path(shipping.JAR)
        self.made = not jar.exists()
        if self.made:
            jar.write_bytes(b"a jar")
        try:
            self.play()
        finally:
            if self.made:
                jar.unlink()

    def play(self):
        record = self.directory / "record"
        done = subprocess.run(
            [
                str(pathlib.Path(sys.executable).parent / "ansible-playbook"),
                "-i",
                str(self.directory / "hosts"),
                str(self.directory / "play.yml"),
            ],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=dict(
                os.environ,
                CRAFTED=str(self.directory),
                RECORD=str(record),
                ANSIBLE_HOME=str(self.directory / "home"),
                ANSIBLE_LOCAL_TEMP=str(self.directory / "tmp"),
                ANSIBLE_CALLBACKS_ENABLED="record",
                ANSIBLE_CALLBACK_PLUGINS=str(HERE.parent / "integration" / "callback"),
                ANSIBLE_CONNECTION_PLUGINS=str(HERE / "crafted"),
                ANSIBLE_LOAD_CALLBACK_PLUGINS="1",
                ANSIBLE_SHOW_CUSTOM_STATS="1",
                ANSIBLE_FORKS="4",
                ANSIBLE_NOCOLOR="1",
                ANSIBLE_COLLECTIONS_PATHS=os.environ.get("ANSIBLE_COLLECTIONS_PATH", ""),
                ANSIBLE_DEPRECATION_WARNINGS="0",
                LC_ALL="C.UTF-8",
            ),
        )
        self.status = done.returncode
        self.output = done.stdout.decode() + done.stderr.decode()
        self.events = [json.loads(line) for line in record.read_text().splitlines()]
        self.tasks = {}
        for event in self.events:
            self.tasks.setdefault(event["task"], {})[event["host"]] = event

    def result(self, host):
        return self.tasks["crafted"][host]["result"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("crafted"))


def test_every_key_that_this_ansible_core_knows_is_tried():
    task = pytest.importorskip("ansible._internal._task", reason="2.20 and later")
    result = getattr(task, "UnifiedTaskResult", None)
    if not result:
        pytest.skip("newer ansible-core lists its keys")
    names = result._get_field_name_to_result_key_mapping(for_callback=True, for_round_trip=False)
    known = {*result.get_result_key_to_resolved_field_mapping(False), *names.values()}
    assert len(known) > 20
    assert not known - set(SPECIAL) - set(report.REPORT)


def test_every_key_that_this_ansible_core_reads_of_a_result_is_tried():
    """Those that its sources ask a result for, whichever version this is."""
    import ansible.constants
    import ansible.executor

    top = pathlib.Path(ansible.constants.__file__).parent
    asked = re.compile(
        r"""\b_?(?:result|task_result|raw_result|result_item|original_result|return_data|res|async_result|item_result)\b"""
        r"""(?:\._result|\._return_data)?(?:\.get\(|\.pop\(|\[)["'](\w+)["']"""
    )
    known = {*ansible.constants.RESTRICTED_RESULT_KEYS}
    known |= {*getattr(ansible.constants, "INTERNAL_RESULT_KEYS", ())}
    for pattern in (
        "executor/*.py",
        "executor/process/*.py",
        "plugins/strategy/*.py",
        "plugins/callback/*.py",
        "plugins/action/__init__.py",
        "vars/clean.py",
        "_internal/_task.py",
    ):
        for file in top.glob(pattern):
            known |= set(asked.findall(file.read_text()))
    assert len(known) >= 25, known
    untried = known - set(SPECIAL) - set(report.REPORT)
    assert not untried


def test_every_host_gets_through_the_play(run):
    for task in ("crafted", "after"):
        assert set(run.tasks[task]) == set(run.said), run.output[-3000:]
        assert {event["status"] for event in run.tasks[task].values()} <= {"ok", "failed"}
    assert run.status == 0, run.output[-3000:]
    assert len(run.said) > 200


def test_the_inventory_is_as_it_was(run):
    groups, connection, evil = run.tasks["inventory"]["localhost"]["result"]["msg"]
    assert set(groups) == {"all", "ungrouped", "crafted"}
    assert set(groups["all"]) == {"localhost", "victim", *run.said}
    assert (connection, evil) == ("crafted", "none")


def test_no_handler_runs_and_nothing_is_counted(run):
    assert "evil" not in run.tasks
    assert "CUSTOM STATS" not in run.output


def test_no_variable_is_set(run):
    honest = run.tasks["after"]["action-honest"]["result"]["msg"][1]
    assert "crafted" in honest and "evil" not in honest
    for host in run.said:
        assert run.tasks["after"][host]["result"]["msg"][1] == honest, host


def test_a_job_is_only_a_job(run):
    honest = run.result("async-honest")
    for number, keys in enumerate(async_keys()):
        event = run.tasks["crafted"][f"async-special{number}"]
        result = event["result"]
        result.pop(
            "deprecations", None
        )  # newer ansible-core shows them before any plugin sees them
        if event["status"] == "failed":  # ansible-core itself refused it
            assert "evil" not in json.dumps(result.get("msg", "")), keys
            continue
        assert set(result) - set(honest) <= {"_ansible_no_log", "warnings"}, keys
        assert result["ansible_job_id"] == JOB["ansible_job_id"], keys
        assert "evil" not in json.dumps({k: v for k, v in result.items() if k != "warnings"}), keys


@pytest.mark.parametrize("name", BROKEN_JOBS)
def test_what_is_no_job_is_a_failure_of_its_host(run, name):
    event = run.tasks["crafted"][f"async-broken-{name}"]
    if name == "deep" and event["status"] == "ok":
        assert "evil" not in event["result"]
        return
    assert event["status"] == "failed"
    assert "../" not in json.dumps(event["result"].get("ansible_job_id", ""))


@pytest.mark.parametrize("way", WAYS)
def test_only_documented_keys_are_returned(run, way):
    hosts = [host for host in run.said if host.startswith((f"{way}-special", f"{way}-everything"))]
    assert len(hosts) == len(SPECIAL) + 1
    for host in hosts:
        event = run.tasks["crafted"][host]
        result = event["result"]
        if way == "module" and host.endswith(REFUSED_BY_ANSIBLE) and event["status"] == "failed":
            continue
        assert event["status"] == "ok", (host, event)
        assert result.pop("_ansible_no_log", False) is False, host  # Ansible's own
        if way == "module":
            result.pop(
                "deprecations", None
            )  # newer ansible-core shows them before any plugin sees them
        for key in ("start", "end"):  # the controller's own
            result.pop(key, None)
        assert not set(result) - set(report.REPORT), host
        assert "evil" not in json.dumps({k: v for k, v in result.items() if k != "warnings"}), host
        assert result["changed"] is True and result["members"] == REPORT["members"], host


def test_a_warning_names_what_was_dropped(run):
    for number, key in enumerate(SPECIAL):
        (host,) = (host for host in run.said if host.startswith(f"action-special{number}-"))
        if key not in report.OF_ANSIBLE:
            assert any(key in warning for warning in run.result(host)["warnings"]), host
    for warning in run.result("action-everything")["warnings"]:
        assert len(warning) < 1000
    (warning,) = run.result("action-inner")["warnings"]
    assert "members.__ansible" in warning and "more" in warning
    assert run.result("action-inner")["members"] == [REPORT["members"][0]]


def broken():
    for way in WAYS:
        for name, (dummy, words) in {
            **BROKEN,
            **(BROKEN_FOR_THE_ACTION if way == "action" else {}),
        }.items():
            yield f"{way}-broken-{name}", words


@pytest.mark.parametrize("host, words", list(broken()))
def test_a_broken_report_is_a_failure_of_its_host(run, host, words):
    result = run.result(host)
    assert run.tasks["crafted"][host]["status"] == "failed"
    assert result["changed"] is False
    assert len(result["msg"]) < 1500 and "Traceback" not in result["msg"]
    if host.startswith("action"):
        assert words in result["msg"] and "cannot be read" in result["msg"]
    assert "members" not in result


@pytest.mark.parametrize("form", ["action-text", "action-raw", "module-text"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_does_no_harm(run, form, name):
    host = f"{form}-{name}"
    expected = TEXTS[name][1]
    assert run.result(host)["msg"] == expected
    assert run.tasks["after"][host]["result"]["msg"][0] == expected


def test_what_is_no_character_is_replaced(run):
    for way in WAYS:
        for name in ("half", "bytes"):
            event = run.tasks["crafted"][f"{way}-{name}"]
            if way == "module" and event["status"] == "failed":
                continue  # newer ansible-core refuses it
            assert re.match("[\ufffd?]+ is quiesced.$", event["result"]["msg"])


def test_no_control_character_reaches_the_terminal(run):
    assert not set(run.output) & set("\x1b\x07\x9b\x7f\u202e\u2066\u200f\u2028\u0085")
    assert "Traceback" not in run.output


def test_answers_of_the_shell_are_bounded(run):
    result = run.result("action-shell")
    assert run.tasks["crafted"]["action-shell"]["status"] == "failed"
    assert len(result["msg"]) < 2000 and "evil" + "x" * 1000 not in json.dumps(result)
    commands = (run.directory / "action-shell.commands").read_text().splitlines()
    assert len(commands) <= 3


def test_a_silent_host_fails(run):
    for way in WAYS:
        assert run.tasks["crafted"][f"{way}-silent"]["status"] == "failed"


PICTURES = {
    "mermaid": (
        'flowchart LR\n  n0["a.service<br/>active, running"]\n  n1(["boot<br/>a boot"])\n'
        '  n1 -.->|"a hold closes it"| n0'
    ),
    "dot": (
        "digraph family {\n  rankdir=LR;\n  node [shape=box];\n"
        '  n0 [label="a\\nactive", penwidth=2];\n  n1 [label="\\"b\\" \\\\x2d", style=dashed];\n'
        '  n1 -> n0 [label="c"];\n}'
    ),
    "tree": "a.service (active, running)\n|-- b (x): it\n|   `-- door: c (d)\n`-- door: <e> (f)",
    "svg": (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1180" height="80" viewBox="0 0 1180 80">\n'
        '<rect width="1180" height="80" fill="white"/>\n<text x="28" y="27">a &lt;b&gt;</text>\n'
        '<path d="M640 30 L880 40" stroke="black" fill="none" stroke-dasharray="4 3"/>\n</svg>'
    ),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_keeps_its_lines(kind):
    taken = report.take({"changed": False, "msg": "", "graph": PICTURES[kind]})
    assert taken["graph"] == PICTURES[kind]


@pytest.mark.parametrize(
    "picture",
    [
        "",
        "%%{init: {}}%%",
        "graph TD\n|-- x",
        'flowchart LR\n  n0["<img src=x onerror=evil()>"]',
        'flowchart LR\n  n0["a"]\nclick n0 evil',
        'digraph family {\n  n0 [label="a", URL="javascript:evil()"];\n}',
        '<svg onload="evil()">\n</svg>',
        '<svg width="1">\n<a href="evil"><text x="1" y="2">b</text></a>\n</svg>',
        '<svg width="1">\n<rect fill="url(http://evil/)"/>\n</svg>',
        "<svg >\n<text >a<script>b</script></text>\n</svg>",
        "<html>",
        "a (b)\n<script>evil()</script>",
    ],
)
def test_what_quietus_does_not_draw_is_no_picture(picture):
    with pytest.raises(report.Unreadable, match="graph is not a picture"):
        report.take({"changed": False, "msg": "", "graph": picture})


def test_a_terminal_obeys_nothing_in_a_picture():
    taken = report.take({"changed": False, "msg": "", "graph": "a\x1b[2J (b)\n`-- \u202ec\td"})
    assert taken["graph"] == "a\ufffd[2J (b)\n`-- \ufffdc d"


def test_started_by_has_a_bounded_number_of_levels():
    whole = report.take(member(nested(report.MAX_CHAIN)))
    assert whole["members"][0]["started_by"] == nested(report.MAX_CHAIN)
    assert not whole["warnings"]
    longer = report.take(member(nested(report.MAX_CHAIN + 1)))
    story = longer["members"][0]["started_by"]
    for dummy in range(report.MAX_CHAIN):
        story = story["by"]
    assert story == {}
    assert "Not taken" in longer["warnings"][0]


def test_attempts_are_taken_as_they_are():
    taken = report.take(dict(REPORT, start_attempts=[ATTEMPT], start_attempts_complete=False))
    assert taken["start_attempts"] == [ATTEMPT]
    assert taken["start_attempts_complete"] is False
