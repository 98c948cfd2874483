# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell commands, run by real shells on a host made of a directory."""

from __future__ import annotations

import os
import select
import shlex
import subprocess
import time

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import answers, launch
from conftest import as_root


def wait_for(condition):
    for dummy in range(100):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("the condition did not become true within 5 s")


@pytest.mark.parametrize(
    "command",
    [
        launch.run_command("0" * 64, "apply"),
        launch.run_command("0" * 64, None, "/opt/java", "user", None, True),
        launch.run_command("0" * 64, "apply", "auto", runtimes=["1" * 64, "2" * 64]),
        launch.run_command("0" * 64, "apply", "bundled", "user", runtimes=["1" * 64]),
        launch.install_command("0" * 64),
        launch.runtime_command("0" * 64),
        launch.runtime_command("0" * 64, "user"),
        launch.archive_command("0" * 64),
        launch.version_command(),
    ],
)
def test_a_command_survives_any_number_of_shells(command):
    assert not set("'\\!\n") & set(command.replace("j=''", ""))


def test_the_agent_gets_the_request_and_its_flags(host, shell, sha256):
    jar = host.put_jar()
    output = host.run(launch.run_command(sha256, "apply"), b'{"names": ["x"]}')
    assert output.report["msg"] == "myapi.service is quiesced."
    assert output.answers == {"no-archive": ""}
    assert (
        host.runs()
        == " ".join(launch.JVM_FLAGS + launch.SERIAL)
        + f" -XX:ErrorFile={host.cache}/java-crash-%p.log -cp {jar} quietus.Main apply\n"
        + '{"names": ["x"]}\n'
    )


def test_without_the_jar_it_says_so(host, shell, sha256):
    output = host.run(launch.run_command(sha256, "apply"))
    assert list(output.answers) == ["no-jar"]
    assert output.status == answers.ANSWER_STATUS
    host.cache.mkdir(mode=0o700)
    assert list(host.run(launch.run_command(sha256, "apply")).answers) == ["no-jar"]


def test_the_jar_is_installed_for_its_owner_only(host, shell, sha256):
    output = host.run(launch.install_command(sha256), b"the jar")
    assert list(output.answers) == ["ready"], output.errors
    jar = host.cache / f"{sha256}.jar"
    assert jar.read_bytes() == b"the jar"
    assert jar.stat().st_mode & 0o777 == 0o600
    assert host.cache.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in host.cache.iterdir()] == [jar.name]


def test_a_jar_that_was_cut_short_on_its_way_is_not_installed(host, shell, sha256):
    output = host.run(launch.install_command(sha256), b"the j")
    assert list(output.answers) == ["not-written"]
    assert list(host.cache.iterdir()) == []


def test_archives_of_another_jar_go_when_it_is_replaced(host, shell, sha256):
    host.put_jar(b"tampered")
    (host.cache / f"{sha256}-1-2-3-4.jsa").write_text("archive")
    host.run(launch.install_command(sha256), b"the jar")
    assert [path.name for path in host.cache.iterdir()] == [f"{sha256}.jar"]


@pytest.mark.parametrize("suffix, collector", [("jsa", launch.SERIAL), ("g1", launch.G1)])
def test_an_archive_is_used_when_it_is_there(host, shell, sha256, suffix, collector):
    host.put_jar()
    archive = host.put_archive(suffix)
    output = host.run(launch.run_command(sha256, "apply"))
    assert output.answers == {"archive": ""}
    assert f" -XX:SharedArchiveFile={archive} -cp " in host.runs()
    assert " ".join(collector) in host.runs() and host.runs().count("GC ") == 1


@pytest.mark.parametrize("suffix", ["jsa", "g1"])
@pytest.mark.parametrize("content", [b"archivE", b"", b"archive and more"])
def test_an_archive_that_is_not_as_it_was_written_is_not_used(host, shell, sha256, suffix, content):
    host.put_jar()
    host.put_archive(suffix).write_bytes(content)
    assert host.run(launch.run_command(sha256, "apply")).answers == {"no-archive": ""}
    assert "SharedArchiveFile" not in host.runs()


def test_an_archive_of_another_java_is_not_used(host, shell, sha256):
    jar = host.put_jar()
    jar.with_name(f"{sha256}-1-2-3-4.jsa").write_text("archive")
    assert "no-archive" in host.run(launch.run_command(sha256, "apply")).answers
    assert "SharedArchiveFile" not in host.runs()


def archiving_java(host, archive, version="21.0.1"):
    """A java of this version that makes an archive of this kind and knows no other."""
    host.program(
        "java",
        f"""
        echo "$@" >>{host.java_log}
        case "$*" in
        *" -version") echo 'openjdk version "{version}" 2026-01-20' >&2; exit 0;;
        *" -XX:"{archive}) ;;
        *) exit 1;;
        esac
        for word; do case $word in
        -XX:DumpLoadedClassList=*) echo class >"${{word#*=}}";;
        -XX:SharedArchiveFile=*|-XX:ArchiveClassesAtExit=*) echo archive >"${{word#*=}}";;
        esac; done""",
    )


#: What java is told that makes an archive of its own classes too, and that adds to the one it has.
WHOLE, ADDED = "[DS]*", "ArchiveClassesAtExit=*"


@pytest.mark.parametrize(
    "archive, version, suffix",
    [
        (WHOLE, "17.0.21.1", "g1"),
        (WHOLE, "21.0.9", "jsa"),
        (WHOLE, "25.0.1", "jsa"),
        (ADDED, "17.0.21.1", "jsa"),
        (ADDED, "25.0.1", "jsa"),
    ],
)
def test_an_archive_is_made_in_the_background(host, shell, sha256, archive, version, suffix):
    host.put_jar()
    archiving_java(host, archive, version)
    assert list(host.run(launch.archive_command(sha256)).answers) == ["ready"]
    wait_for(lambda: list(host.cache.glob(f"*.{suffix}")) and not list(host.cache.glob("*.lock")))
    assert sorted(path.suffix for path in host.cache.iterdir()) == sorted(
        [".jar", ".sum", "." + suffix]
    )
    assert list(host.run(launch.run_command(sha256, "apply")).answers) == ["archive"]


def test_a_java_that_makes_no_archive_is_asked_once(host, shell, sha256):
    host.put_jar()
    archiving_java(host, "nothing")
    host.run(launch.archive_command(sha256))
    wait_for(lambda: list(host.cache.glob("*.none")) and not list(host.cache.glob("*.lock")))
    assert "no-archive" not in host.run(launch.run_command(sha256, "apply")).answers


def test_one_archive_is_made_at_a_time(host, shell, sha256):
    host.put_jar()
    java = (host.bin / "java").stat()
    (
        host.cache
        / f"{sha256}-{java.st_dev}-{java.st_ino}-{int(java.st_mtime)}-{java.st_size}.lock"
    ).mkdir()
    host.run(launch.archive_command(sha256))
    time.sleep(0.2)
    assert host.runs() == ""


def test_archives_can_be_forgotten(host, shell, sha256):
    jar = host.put_jar()
    jar.with_name(f"{sha256}-1-2-3-4.jsa").write_text("broken")
    host.run(launch.run_command(sha256, "apply", forget_archives=True))
    assert [path.name for path in host.cache.iterdir()] == [jar.name]


def test_a_request_on_a_terminal_is_refused(host, shell, sha256):
    host.put_jar()
    primary, secondary = os.openpty()
    for command in (launch.run_command(sha256, "apply"), launch.install_command(sha256)):
        os.write(primary, b'{"names": ["myapi"]}\n')
        done = subprocess.run(
            [*shell, "-c", command],
            stdin=secondary,
            capture_output=True,
            env={"PATH": f"{host.bin}:/usr/bin:/bin"},
            check=False,
            timeout=20,
        )
        assert done.stdout == b"quietus-shell: terminal\n"
        assert not select.select([secondary], [], [], 0)[0]  # ssh may hang where input is left
    os.close(primary)
    os.close(secondary)
    assert host.runs() == ""


def test_options_from_the_environment_do_not_reach_java(host, shell, sha256):
    host.put_jar()
    host.variables.update(
        JAVA_TOOL_OPTIONS="-verbose",
        _JAVA_OPTIONS="-verbose",
        JDK_JAVA_OPTIONS="-verbose",
        LC_ALL="de_DE.UTF-8",
    )
    host.java_does(first=f"env >>{host.java_log}")
    host.run(launch.run_command(sha256, "apply"))
    assert "verbose" not in host.runs()
    assert "LC_ALL=C.UTF-8\n" in host.runs()


def test_without_systemd_it_says_so(host, shell, sha256):
    host.systemd.rmdir()
    output = host.run(launch.run_command(sha256, "apply"))
    assert list(output.answers) == ["no-systemd"]


@as_root
def test_somebody_else_is_told_to_become_root(host, shell, sha256):
    for path in (host.root, *host.root.parents):
        if path.stat().st_uid == 0 and path != path.parent:
            path.chmod(path.stat().st_mode | 0o055)
    output = host.run(launch.run_command(sha256, "apply"), user=65534, group=65534)
    assert list(output.answers) == ["not-root"]
    assert "become: true" in output.problem()
    os.chown(host.home, 65534, 65534)
    assert list(
        host.run(
            launch.install_command(sha256, "user"), b"the jar", user=65534, group=65534
        ).answers
    ) == ["ready"]
    output = host.run(launch.run_command(sha256, None, scope="user"), user=65534, group=65534)
    assert output.answers == {"ready": f"{host.home}/.cache/quietus/{sha256}.jar"}


def test_the_user_scope_finds_its_bus(host, shell, sha256):
    host.put_jar()
    host.java_does(first=f'echo "$XDG_RUNTIME_DIR" >>{host.java_log}')
    host.run(launch.run_command(sha256, "info", scope="user"))
    assert f"/run/user/{os.geteuid()}\n" in host.runs()


def test_the_script_for_people_passes_its_arguments_on(host, shell, sha256):
    jar = host.put_jar()
    script = host.root / "quietus"
    script.write_text(launch.script(sha256))
    output = host.run(f". {script}", shell=[*shell[:1], *shell[1:]])
    assert output.answers == {}
    assert host.runs().splitlines()[0].endswith(f"-jar {jar} ") or host.runs().splitlines()[
        0
    ].endswith(f"-jar {jar}")
    done = host.run(shlex.join([*shell, str(script), "status", "a b"]))
    assert done.status == 0
    assert host.runs().splitlines()[-1].endswith(f"-jar {jar} status a b")


def test_the_script_keeps_for_a_command_what_the_caller_had(host, shell, sha256):
    host.put_jar()
    host.java_does(
        first=f"env | grep ^QUIETUS_CALLER_ | LC_ALL=C sort >>{host.root}/kept; pwd >>{host.root}/kept"
    )
    script = host.root / "quietus"
    script.write_text(launch.script(sha256))
    host.variables = {
        "JAVA_TOOL_OPTIONS": '-Da="b c" $(touch no) `x`',
        "QUIETUS_CALLER_LC_ALL": "forged",
    }
    there = host.root / "a b"
    there.mkdir()
    for words in (["run", "myapi", "--", "x"], ["status", "myapi"]):
        done = host.run(
            f"cd {shlex.quote(str(there))} && " + shlex.join([*shell, str(script), *words])
        )
        assert done.status == 0
    kept = (host.root / "kept").read_text().splitlines()
    assert kept == [
        'QUIETUS_CALLER_JAVA_TOOL_OPTIONS=-Da="b c" $(touch no) `x`',
        f"QUIETUS_CALLER_PATH={host.bin}:/usr/bin:/bin",
        f"QUIETUS_CALLER_PWD={there}",
        "/",
        "QUIETUS_CALLER_LC_ALL=forged",
        "/",
    ]
    assert list(there.iterdir()) == []


@as_root
def test_the_script_uses_what_a_hold_left_when_the_cache_is_clean(host, shell, sha256):
    script = host.root / "quietus"
    script.write_text(launch.script(sha256))
    launcher = host.root / "launcher"
    launcher.write_text('echo "launched $1 $2"')
    said = host.run(shlex.join([*shell, str(script), "release", "a b"]))
    assert said.errors == "launched release a b"
    jar = host.put_jar()
    host.run(shlex.join([*shell, str(script), "status"]))
    assert host.runs().splitlines()[-1].endswith(f"-jar {jar} status")
    jar.unlink()
    other = host.root / "other"
    launcher.rename(other)
    launcher.symlink_to(other)
    said = host.run(shlex.join([*shell, str(script), "status"]))
    assert "launched" not in said.errors and "The agent is not on this host" in said.errors
    launcher.unlink()
    other.rename(launcher)
    os.chown(launcher, 1, 1)
    said = host.run(shlex.join([*shell, str(script), "status"]))
    assert "launched" not in said.errors


def test_the_script_for_people_says_what_is_wrong(host, shell, sha256):
    script = host.root / "quietus"
    script.write_text(launch.script(sha256))
    done = host.run(shlex.join([*shell, str(script), "status"]))
    assert done.status == 1
    assert done.errors.startswith("quietus: The agent is not on this host (" + str(host.cache))
