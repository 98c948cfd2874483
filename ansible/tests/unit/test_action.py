# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin on a host made of a directory."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import shell_loader
from ansible.template import Templar
from ansible_collections.quietus.systemd.plugins.action import unit_family as apply_action
from ansible_collections.quietus.systemd.plugins.action import unit_family_info as info_action
from ansible_collections.quietus.systemd.plugins.plugin_utils import java_archives, shipping, who
from conftest import QUIESCE_REQUEST, REPORT


class Connection:
    """Runs on the host what the plugin sends, and remembers it."""

    transport = "test"
    allow_executable = True
    has_native_async = False
    always_pipeline_modules = False
    become = None

    def __init__(self, host, has_pipelining=True):
        self.host = host
        self.has_pipelining = has_pipelining
        self._shell = shell_loader.get("sh")
        self._shell.tmpdir = None
        self.sent = []
        self.unreachable = False

    def get_option(self, name, hostvars=None):
        raise KeyError(name)

    def exec_command(self, cmd, in_data=None, sudoable=True):
        if self.unreachable:
            raise AnsibleConnectionFailure("no route")
        self.sent.append(in_data)
        self.host.commands.append(cmd)
        output = self.host.run_raw(cmd, in_data)
        return output.returncode, output.stdout, output.stderr

    def is_pipelining_enabled(self, wrap_async=False):
        return self.has_pipelining and not wrap_async

    def put_file(self, in_path, out_path):
        shutil.copy(in_path, out_path)


@pytest.fixture
def run(host, tmp_path, monkeypatch):
    import subprocess

    jar = tmp_path / "quietus.jar"
    jar.write_bytes(b"the jar")
    monkeypatch.setattr(shipping, "JAR", str(jar))
    monkeypatch.setattr(who.getpass, "getuser", lambda: "admin")
    monkeypatch.setattr(who.platform, "node", lambda: "ctl")
    host.run_raw = lambda cmd, data: subprocess.run(
        ["/bin/sh", "-c", cmd],
        input=data or b"",
        capture_output=True,
        check=False,
        env={"PATH": f"{host.bin}:/usr/bin:/bin", "HOME": str(host.home), **host.variables},
    )

    def call(
        task_vars=None,
        connection=None,
        action=apply_action,
        check=False,
        diff=False,
        environment=None,
        async_val=0,
        **args,
    ):
        if action is apply_action:
            args = {"name": "myapi", "state": "quiesced", **args}
        task = Task.load(
            {
                "action": "quietus.systemd.unit_family",
                "args": args,
                "name": "a task",
                "check_mode": check,
                "diff": diff,
                "environment": environment,
                "async": async_val,
            }
        )
        call.connection = connection or Connection(host)
        plugin = action.ActionModule(
            task, call.connection, PlayContext(), DataLoader(), Templar(DataLoader()), None
        )
        call.plugin = plugin
        plugin._load_name = "quietus.systemd.unit_family"
        call.modules = []

        def execute_module(**arguments):
            call.modules.append(arguments)
            return {"changed": True, "msg": "from the module"}

        plugin._execute_module = execute_module
        return plugin.run(task_vars={"inventory_hostname": "web1", **(task_vars or {})})

    return call


def request_of(host):
    """The last request that java got."""
    return json.loads(host.runs().strip().splitlines()[-1])


def with_archive(host):
    """The steady state: the jar, and its archive for this java."""
    host.put_jar()
    host.put_archive()


def test_the_steady_state_is_one_round_trip(run, host):
    with_archive(host)
    result = run(reason="migration 42")
    assert len(run.connection.sent) == 1
    assert result["changed"] is True and result["failed"] is False
    assert result["members"] == REPORT["members"]
    assert request_of(host) == {
        **QUIESCE_REQUEST,
        "reason": "migration 42",
        "by": "ansible from admin@ctl",
        "owner": "admin@ctl",
    }


def test_first_contact_ships_the_jar_and_makes_the_archive(run, host):
    result = run()
    assert [data if data is None or len(data) < 8 else "..." for data in run.connection.sent] == [
        "...",
        b"the jar",
        "...",
        "...",
    ]
    assert result["msg"] == "myapi.service is quiesced."
    assert "warnings" not in result
    assert next(host.cache.glob("*.jar")).read_bytes() == b"the jar"


def test_a_tampered_jar_is_replaced_with_a_warning(run, host):
    jar = host.put_jar(b"evil")
    result = run()
    assert jar.read_bytes() == b"the jar"
    assert len(result["warnings"]) == 1
    assert (
        str(jar) in result["warnings"][0]
        and "web1" in result["warnings"][0]
        and "replaced" in result["warnings"][0]
    )


def test_the_agents_own_warnings_stay(run, host):
    host.put_jar(b"evil")
    host.java_does(json.dumps(dict(REPORT, warnings=["one"])))
    assert run()["warnings"][0] == "one"


def test_a_cache_that_is_unsafe_is_an_error(run, host):
    host.put_jar()
    host.cache.chmod(0o777)
    result = run()
    assert result["failed"] is True and str(host.cache) in result["msg"]
    assert host.runs() == ""


def test_a_failure_has_the_agents_sentence(run, host):
    with_archive(host)
    host.java_does(
        json.dumps(
            dict(
                REPORT,
                failed=True,
                changed=True,
                msg="myapi.service did not stop: process 7 is left.",
            )
        ),
        status=1,
    )
    result = run()
    assert result["failed"] is True and result["changed"] is True
    assert result["msg"] == "myapi.service did not stop: process 7 is left."


def test_noise_around_the_report_does_no_harm(run, host):
    host.java_does("Last login: today\n" + json.dumps(REPORT) + "\nbye\n")
    assert run()["msg"] == "myapi.service is quiesced."


@pytest.mark.parametrize(
    "error, text",
    [
        (
            "Error: A JNI error has occurred\njava.lang.UnsupportedClassVersionError: class file version 61.0",
            "is version 11, and the agent needs 17",
        ),
        (
            "Unrecognized option: -Xlog:disable\nError: Could not create the Java Virtual Machine.",
            "is version 11, and the agent needs 17",
        ),
    ],
)
def test_an_old_java_is_reported_with_its_version(run, host, error, text):
    host.java_does(
        "",
        stderr=error,
        status=1,
        first='case "$*" in *-version*) echo openjdk version \\"11.0.2\\" >&2; exit 0;; esac',
    )
    result = run()
    assert result["failed"] is True
    assert text in result["msg"] and str(host.bin / "java") in result["msg"]


def test_a_missing_report_is_an_error_with_the_output(run, host):
    host.java_does("", stderr="Error: out of luck", status=3)
    result = run()
    assert result["failed"] is True and result["changed"] is False
    assert "exit status 3" in result["msg"] and "out of luck" in result["msg"]


def test_a_broken_archive_is_thrown_away_and_the_run_repeated(run, host):
    with_archive(host)
    host.java_does(first='case "$*" in *SharedArchiveFile*) kill -ABRT $$;; esac')
    replace_archive(host)
    result = run()
    assert result["failed"] is False
    assert not list(host.cache.glob("*.jsa"))


@pytest.mark.parametrize(
    "how",
    [
        "kill -ABRT $$",
        "kill -KILL $$",
        "exit 1",
        "exit 0",
        "echo Exception in thread main java.lang.NoClassDefFoundError: quietus/Main >&2; exit 1",
        "echo Error occurred during initialization of VM; exit 134",
    ],
)
def test_a_java_that_always_fails_is_run_twice_at_most(run, host, how):
    with_archive(host)
    host.java_does("", first=how)
    replace_archive(host)
    result = run()
    assert result["failed"] is True and "gave no report" in result["msg"]
    assert len(run.connection.sent) == 2 and len(host.runs().splitlines()) == 4


def replace_archive(host):
    """Renames the archive for the current java."""
    next(host.cache.glob("*.jsa")).unlink()
    with_archive(host)


@pytest.mark.parametrize(
    "stdout, status, times",
    [
        (json.dumps(dict(REPORT, failed=True, msg="myapi.service did not stop")), 1, 1),
        (
            json.dumps(dict(REPORT, failed=True, msg="java.lang.NoClassDefFoundError: quietus/X")),
            1,
            2,
        ),
        (json.dumps(dict(REPORT, msg="java.lang.NoClassDefFoundError: quietus/X")), 0, 1),
        (json.dumps(REPORT)[:-9], 1, 1),
    ],
    ids=["failed", "broken", "fine", "cut"],
)
def test_a_run_with_an_archive_is_repeated_only_without_a_report(run, host, stdout, status, times):
    with_archive(host)
    host.java_does(stdout, status=status)
    replace_archive(host)
    run()
    assert host.runs().count(" apply\n") == times


def test_a_run_without_an_archive_is_never_repeated(run, host):
    host.put_jar()
    host.java_does("", first="kill -ABRT $$")
    assert run()["failed"] is True
    assert len(run.connection.sent) == 1


def test_check_mode_reaches_the_agent(run, host):
    run(check=True)
    assert request_of(host)["check"] is True


def test_diff_mode_shows_members(run, host):
    assert "myapi.socket   active (listening)" in run(diff=True)["diff"]["before"]
    assert "diff" not in run(diff=False)


@pytest.mark.parametrize(
    "args, text",
    [
        (dict(state="stopped"), "value of state must be one of"),
        (dict(stat="x"), "Unsupported parameters for (quietus.systemd.unit_family)"),
        (dict(timeout="soon"), 'timeout: "soon" is no duration'),
        (dict(name=[]), "at least one unit"),
        (dict(allow_protected="perhaps"), "allow_protected"),
    ],
)
def test_bad_options_never_reach_the_host(run, host, args, text):
    with pytest.raises(AnsibleActionFail) as raised:
        run(**args)
    assert text in str(raised.value)
    assert run.connection.sent == []


def test_info_asks_for_no_state(run, host):
    host.java_does(json.dumps({"changed": False, "failed": False, "msg": "fine"}))
    assert run(action=info_action, name=["a", "b"])["msg"] == "fine"
    assert request_of(host) == {"names": ["a", "b"], "scope": "system"}
    assert " info\n" in host.runs()


def test_the_holder_names_user_controller_and_play(run, host):
    run(task_vars={"ansible_play_name": "Migrate\tnow"})
    assert request_of(host)["by"] == 'ansible from admin@ctl (play "Migrate now")'
    assert request_of(host)["owner"] == "admin@ctl"
    run(by="me", owner="team")
    assert request_of(host)["by"] == "me"
    assert request_of(host)["owner"] == "team"
    run(task_vars={"ansible_play_name": "Ansible Ad-Hoc"})
    assert request_of(host)["by"] == "ansible from admin@ctl"
    run(task_vars={"ansible_play_name": "x" * 500})
    assert len(request_of(host)["by"]) == 200


def test_the_java_of_the_task_comes_before_that_of_the_variable(run, host):
    ours = host.program("java", f'exec {host.bin}/java "$@"', host.root / "ours")
    assert run(java=str(ours), task_vars={"quietus_java": "/nowhere"})["failed"] is False
    assert "/nowhere" in run(task_vars={"quietus_java": "/nowhere"})["msg"]


def test_the_environment_of_the_task_counts(run, host):
    host.java_does(first=f'echo "$SPECIAL" >>{host.java_log}')
    run(environment=[{"SPECIAL": "it's here"}])
    assert "it's here" in host.runs()


def test_an_unreachable_host_is_left_to_ansible(run, host):
    connection = Connection(host)
    connection.unreachable = True
    with pytest.raises(AnsibleConnectionFailure):
        run(connection=connection)


def test_async_runs_the_module_with_the_jar_in_place(run, host):
    result = run(async_val=60, lease="1h", environment={"LANG": "C"})
    assert result["msg"] == "from the module"
    module = run.modules[0]
    assert module["module_name"] == "quietus.systemd.unit_family"
    assert module["wrap_async"] == 60
    assert run.plugin._task.environment == [
        {"LANG": "C"},
        {
            "QUIETUS_AGENT": next(host.cache.glob("*.jar")).stem,
            "QUIETUS_RUNTIMES": " ".join(java_archives.Archives().sums),
        },
    ]
    assert module["module_args"]["lease"] == "1h"
    assert module["module_args"]["by"] == "ansible from admin@ctl"
    assert "reason" not in module["module_args"]
    assert host.runs() == ""


def test_a_connection_without_standard_input_uses_the_module(run, host):
    host.put_jar()
    assert run(connection=Connection(host, has_pipelining=False))["msg"] == "from the module"
    assert run.connection.sent == [None]


def test_the_module_is_not_tried_where_the_host_cannot_run_the_agent(run, host):
    host.systemd.rmdir()
    result = run(async_val=60)
    assert result["failed"] is True and "systemd is not PID 1" in result["msg"]
    assert run.modules == []


def test_sudo_that_requires_a_terminal_uses_the_module(run, host):
    host.java_does("", stderr="sudo: sorry, you must have a tty to run sudo", status=1)
    assert run()["msg"] == "from the module"


def test_a_terminal_gets_the_module_and_nothing_is_streamed(run, host):
    """As with ssh -tt: standard input is a terminal, on which no request ends."""
    raw = host.run_raw
    primary, secondary = os.openpty()

    def on_terminal(cmd, data):
        import subprocess

        os.write(primary, data or b"")
        return subprocess.run(
            ["/bin/sh", "-c", cmd],
            stdin=secondary,
            capture_output=True,
            check=False,
            timeout=20,
            env={"PATH": f"{host.bin}:/usr/bin:/bin", "HOME": str(host.home)},
        )

    host.put_jar()
    host.run_raw = on_terminal
    assert run()["msg"] == "from the module"
    assert [data is None for data in run.connection.sent] == [False, True]
    assert run.plugin._is_pipelining_enabled("new") is False
    assert run.connection.is_pipelining_enabled() is False
    host.run_raw = raw
    os.close(primary)
    os.close(secondary)


@pytest.mark.parametrize(
    "executable", ["/usr/bin/fish", "/bin/zsh", "/bin/csh", "/bin/sh", "/bin/bash", None]
)
def test_a_shell_that_is_none_of_sh_only_starts_sh(run, host, executable):
    host.put_jar()
    connection = Connection(host)
    connection._shell.executable = executable
    run(connection=connection)
    wrapped = executable in ("/usr/bin/fish", "/bin/zsh", "/bin/csh")
    assert [" -c 'exec /bin/sh -c " in command for command in host.commands] == [wrapped, wrapped]


def test_a_collection_without_its_jar_says_so(run, host, monkeypatch):
    monkeypatch.setattr(shipping, "JAR", "/nowhere/quietus.jar")
    with pytest.raises(AnsibleActionFail, match="has no agent"):
        run()


def sent(run):
    """What was sent over the connection, in short."""
    return [
        "request" if data[:1] in (b"{", b"\n") else hashlib.sha256(data).hexdigest()
        for data in run.connection.sent
    ]


@pytest.mark.parametrize("java", ["bundled", "auto"])
def test_a_bare_host_gets_the_bundled_java_once(run, bare, archives, archive, java):
    result = run(java=java)
    assert result["msg"] == "myapi.service is quiesced.", result
    assert sent(run)[:3] == ["request", archive[1], "request"]
    assert archive[1] not in sent(run)[3:]
    assert run(java=java)["failed"] is False
    assert archive[1] not in sent(run)
    assert run()["failed"] is False  # it is there now, so it need not be named
    assert "bundled" in bare.runs()


def test_the_bundled_java_and_the_jar_come_one_after_the_other(
    run, bare, archives, archive, sha256
):
    shutil.rmtree(bare.cache)
    assert run(java="bundled")["failed"] is False
    assert sent(run)[:5] == ["request", archive[1], "request", sha256, "request"]


def test_auto_leaves_a_host_alone_that_has_a_java(run, host, archives, archive):
    with_archive(host)
    assert run(java="auto")["failed"] is False
    assert sent(run) == ["request"] and not host.javas.exists()


def test_auto_brings_it_where_the_java_is_too_old(run, host, archives, archive):
    host.put_jar()
    host.java_does("", stderr="java.lang.UnsupportedClassVersionError: 61", status=1)
    (host.root / "java.stdout").write_text(json.dumps(REPORT) + "\n")
    host.program("java", "echo java.lang.UnsupportedClassVersionError >&2; exit 1")
    assert run(java="auto")["msg"] == "myapi.service is quiesced."
    assert archive[1] in sent(run)


def test_the_variable_says_bundled_too(run, bare, archives, archive):
    assert run(task_vars={"quietus_java": "bundled"})["failed"] is False
    assert archive[1] in sent(run)


def test_without_a_java_the_message_says_what_can_be_done(run, bare, archives, tmp_path):
    result = run()
    assert "There is no Java on this host" in result["msg"] and '"java: bundled"' in result["msg"]
    archives.unlink()
    result = run()
    assert "There is no Java on this host" in result["msg"] and "bundled" not in result["msg"]
    result = run(java="auto")
    assert (
        "There is no Java on this host" in result["msg"]
        and "quietus_java_archives" in result["msg"]
    )
    result = run(java="bundled", task_vars={"quietus_java_archives": str(tmp_path / "elsewhere")})
    assert str(tmp_path / "elsewhere") in result["msg"] and "make runtime" in result["msg"]
    assert not bare.javas.exists()


def test_an_archive_that_was_changed_on_the_controller_never_leaves_it(run, bare, archives):
    archives.write_bytes(b"evil")
    result = run(java="bundled")
    assert result["failed"] is True and str(archives) in result["msg"]
    assert sent(run) == ["request"] and not bare.javas.exists()


@pytest.mark.parametrize(
    "processor", ["riscv64", "../../etc/passwd", "x86_64 aarch64", "{{ 7 * 7 }}"]
)
def test_a_host_names_no_file_of_the_controller(run, host, archives, processor):
    host.put_jar()
    (host.bin / "java").unlink()
    host.run_raw = lambda cmd, data: type(
        "Done",
        (),
        dict(returncode=90, stdout=f"quietus-shell: no-runtime {processor}\n".encode(), stderr=b""),
    )
    result = run(java="bundled")
    assert (
        result["failed"] is True and "There is no bundled Java for the processor" in result["msg"]
    )
    assert sent(run) == ["request"]


def test_a_host_that_always_asks_for_it_gets_it_once(run, host, archives, archive):
    raw = host.run_raw
    asked = f"quietus-shell: no-runtime {os.uname().machine}\n".encode()
    host.run_raw = lambda cmd, data: (
        raw(cmd, data)
        if data == archive[0]
        else type("Done", (), dict(returncode=90, stdout=asked, stderr=b""))
    )
    result = run(java="bundled")
    assert result["failed"] is True and "The bundled Java is not on this host" in result["msg"]
    assert sent(run) == ["request", archive[1], "request"]


@pytest.mark.parametrize("pipelining", [True, False])
def test_the_module_gets_the_bundled_java_as_a_file(
    run, bare, archives, archive, pipelining, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        apply_action.ActionModule, "_make_tmp_path", lambda self: str(tmp_path / "tmp")
    )
    monkeypatch.setattr(
        apply_action.ActionModule, "_fixup_perms2", lambda self, paths, execute: None
    )
    (tmp_path / "tmp").mkdir()
    shutil.rmtree(bare.cache)
    result = run(
        connection=Connection(bare, has_pipelining=pipelining), async_val=60, java="bundled"
    )
    assert result["msg"] == "from the module", result
    assert (bare.javas / archive[1] / "bin" / "java").exists()
    assert run.plugin._task.environment[-1]["QUIETUS_RUNTIMES"] == archive[1]
    assert run.modules[0]["module_args"]["java"] == "bundled"
