# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jar, cache and java the shell commands take, by real shells on a host made of a directory."""

from __future__ import annotations

import os
import re
import shlex
import shutil

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import host_checks, launch
from conftest import another_java, as_nobody, as_root, empty_path


def spoil_content(host, jar):
    jar.write_bytes(b"another jar")


def spoil_mode(host, jar):
    jar.chmod(0o620)


def spoil_by_link(host, jar):
    jar.rename(host.root / "elsewhere.jar")
    jar.symlink_to(host.root / "elsewhere.jar")


def spoil_by_dangling_link(host, jar):
    jar.unlink()
    jar.symlink_to(host.root / "nowhere.jar")


def spoil_by_directory(host, jar):
    jar.unlink()
    jar.mkdir()


def spoil_owner(host, jar):
    os.chown(jar, 65534, 65534)


SPOILED_JAR = [
    spoil_content,
    spoil_mode,
    spoil_by_link,
    spoil_by_dangling_link,
    pytest.param(spoil_owner, marks=as_root),
]


@pytest.mark.parametrize("spoil", [*SPOILED_JAR, spoil_by_directory])
def test_a_wrong_jar_is_not_run(host, shell, sha256, spoil):
    spoil(host, host.put_jar())
    output = host.run(launch.run_command(sha256, "apply"))
    assert list(output.answers) == ["wrong-jar"]
    assert host.runs() == ""


@pytest.mark.parametrize("spoil", SPOILED_JAR)
def test_a_wrong_jar_is_replaced(host, shell, sha256, spoil):
    spoil(host, host.put_jar())
    assert list(host.run(launch.install_command(sha256), b"the jar").answers) == ["ready"]
    assert list(host.run(launch.run_command(sha256, None)).answers) == ["ready"]


def cache_for_all(host):
    host.cache.chmod(0o777)


def cache_for_group(host):
    host.cache.chmod(0o770)


def cache_of_another(host):
    os.chown(host.cache, 65534, 65534)


def cache_by_link(host):
    host.cache.rename(host.root / "real")
    host.cache.symlink_to(host.root / "real")


def cache_is_a_file(host):
    shutil.rmtree(host.cache)
    host.cache.write_text("")


@pytest.mark.parametrize(
    "spoil",
    [
        cache_for_all,
        cache_for_group,
        cache_by_link,
        cache_is_a_file,
        pytest.param(cache_of_another, marks=as_root),
    ],
)
def test_a_cache_that_is_not_ours_alone_stops_everything(host, shell, sha256, spoil):
    host.put_jar()
    spoil(host)
    for command in (launch.run_command(sha256, "apply"), launch.install_command(sha256)):
        output = host.run(command, b"the jar")
        assert list(output.answers) == ["bad-cache"]
        assert str(host.cache) in output.problem() and "remove it" in output.problem()
    assert host.runs() == ""


def test_a_missing_java_is_reported(host, shell, sha256):
    host.put_jar()
    (host.bin / "java").unlink()
    host.variables["PATH"] = empty_path(host)
    output = host.run(launch.run_command(sha256, "apply"))
    assert list(output.answers) == ["no-java"]
    assert "Install a JRE 17" in output.problem()


@as_root
def test_root_ignores_java_home(host, shell, sha256):
    host.put_jar()
    other = another_java(host, host.root / "a home" / "bin")
    host.run(launch.run_command(sha256, "apply", environment={"JAVA_HOME": str(other.parent)}))
    assert "quietus.Main apply" in host.runs() and "other" not in host.runs()


@as_root
def test_java_home_comes_before_path_for_others(host, shell, sha256):
    other = another_java(host, host.root / "a home" / "bin")
    as_nobody(host)
    environment = {"JAVA_HOME": str(other.parent)}
    host.java_log.write_text("")
    host.java_log.chmod(0o666)
    command = launch.run_command(sha256, "apply", scope="user", environment=environment)
    host.run(command, user=65534, group=65534)
    assert host.runs() == "other\n"


@as_root
@pytest.mark.parametrize("entries", ["", ".", "bin", "::", ".:bin:", "~/bin"])
def test_root_does_not_look_for_java_in_the_working_directory(host, shell, sha256, entries):
    host.put_jar()
    here = host.root / "here"
    another_java(host, here)
    another_java(host, here / "bin")
    (host.bin / "java").unlink()
    host.variables["PATH"] = entries
    output = host.run(launch.run_command(sha256, "apply"), cwd=here)
    assert list(output.answers) == ["no-java"]
    assert host.runs() == ""


@as_root
def test_root_passes_over_a_java_that_belongs_to_somebody_else(host, shell, sha256):
    host.put_jar()
    theirs = another_java(host, host.root / "theirs")
    os.chown(theirs, 65534, 65534)
    his = another_java(host, host.root / "his")
    os.chown(his / "java", 65534, 65534)
    host.variables["PATH"] = f"{theirs}:{his}:{host.bin}:/usr/bin:/bin"
    output = host.run(launch.run_command(sha256, "apply"))
    assert output.report and "other" not in host.runs()


def java_of_another(path):
    os.chown(path, 65534, 65534)


def java_for_group(path):
    path.chmod(0o775)


def java_for_all(path):
    path.chmod(0o777)


def java_in_a_sticky_directory(path):
    path.chmod(0o1777)


SPOILED_JAVA = [java_of_another, java_for_group, java_for_all, java_in_a_sticky_directory]


@as_root
@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("spoil", SPOILED_JAVA)
def test_root_runs_no_java_that_others_can_change(host, shell, sha256, spoil, level, linked):
    host.put_jar()
    java = another_java(host, host.root / "opt" / "java") / "java"
    link = host.root / "links" / "java"
    link.parent.mkdir()
    link.symlink_to(java)
    chosen = str(link if linked else java)
    host.run(launch.run_command(sha256, "apply", java=chosen))
    assert host.runs() == "other\n"
    spoil([java, *java.parents][level])
    for command in (
        launch.run_command(sha256, "apply", java=chosen),
        launch.version_command(java=chosen),
        launch.archive_command(sha256, java=chosen),
    ):
        output = host.run(command)
        assert list(output.answers) == ["unsafe-java"]
        assert str(java) in output.problem() and "chown root" in output.problem()
    script = host.root / "quietus"
    script.write_text(launch.script(sha256))
    host.variables["QUIETUS_JAVA"] = chosen
    done = host.run(shlex.join([*shell, str(script), "status"]))
    assert done.status == 1 and str(java) in done.errors
    assert host.runs() == "other\n"


@as_root
def test_root_takes_its_tools_from_the_system(host, shell, sha256):
    host.put_jar()
    for tool in ("stat", "sha256sum", "cksum", "id", "readlink", "cat"):
        host.program(tool, f"echo {tool} >>{host.root}/stolen; exec /usr/bin/{tool} $*")
    assert host.run(launch.run_command(sha256, "apply")).report
    assert not (host.root / "stolen").exists()


@as_root
@pytest.mark.parametrize("spoil", SPOILED_JAVA)
@pytest.mark.parametrize("level", [1, 2])
def test_what_is_above_the_cache_is_ours_too(host, shell, sha256, monkeypatch, spoil, level):
    cache = host.root / "var" / "cache" / "quietus"
    cache.parent.mkdir(parents=True)
    monkeypatch.setattr(host_checks, "ROOT_CACHE", str(cache))
    host.cache = cache
    host.put_jar()
    assert host.run(launch.run_command(sha256, "apply")).report
    spoiled = [cache, *cache.parents][level]
    spoil(spoiled)
    before = host.runs()
    for command in (
        launch.run_command(sha256, "apply"),
        launch.run_command(sha256, None),
        launch.install_command(sha256),
        launch.archive_command(sha256),
    ):
        output = host.run(command, b"the jar")
        assert list(output.answers) == ["bad-parent"]
        assert f"{spoiled}, which is above its cache" in output.problem()
    assert host.runs() == before


@as_root
@pytest.mark.parametrize(
    "owner, mode, safe",
    [
        ((65534, 65534), 0o700, True),
        ((65534, 65534), 0o775, True),  # a group of the user's own
        ((65534, 1), 0o775, False),
        ((65534, 65534), 0o777, False),
        ((0, 0), 0o755, True),
        ((0, 0), 0o1777, True),
        ((0, 0), 0o775, False),
        ((1, 1), 0o755, False),
    ],
)
def test_what_is_above_the_cache_of_a_user(host, shell, sha256, owner, mode, safe):
    cache = as_nobody(host)
    os.chown(cache.parent, *owner)
    cache.parent.chmod(mode)
    output = host.run(launch.run_command(sha256, None, scope="user"), user=65534, group=65534)
    assert list(output.answers) == ["ready" if safe else "bad-parent"], output.errors


def test_java_does_not_run_in_the_callers_directory(host, shell, sha256):
    host.put_jar()
    gone = host.root / "gone"
    gone.mkdir()
    host.java_does(first=f"pwd >>{host.java_log}")
    command = f"cd {gone}; rmdir {gone}; " + launch.run_command(sha256, "apply")
    assert host.run(command).report
    assert host.runs().splitlines()[-1] == "/"


def test_a_java_that_is_not_on_path_is_found(host, shell, sha256):
    host.put_jar()
    host.program("java", f"echo other >>{host.java_log}", host.root / "jvm" / "java-17" / "bin")
    (host.bin / "java").unlink()
    host.variables["PATH"] = empty_path(host)
    host.run(launch.run_command(sha256, "apply"))
    assert host.runs() == "other\n"


def test_a_java_can_be_chosen(host, shell, sha256):
    host.put_jar()
    other = host.program("java", f"echo other >>{host.java_log}", host.root / "it's here")
    host.run(launch.run_command(sha256, "apply", java=str(other)))
    assert host.runs() == "other\n"


@pytest.mark.parametrize("java", ["/nowhere/java", "/usr", "/etc/passwd"])
def test_a_path_that_is_no_java_is_reported(host, shell, sha256, java):
    host.put_jar()
    output = host.run(launch.run_command(sha256, "apply", java=java))
    assert output.answers == {"bad-java": java}
    assert java in output.problem()


def programs_of_a_run(host, sha256):
    """The paths of the programs that a run starts; strace splits a call in two where another process acts meanwhile."""
    trace = host.root / "trace"
    host.run(
        f"exec strace -f -e trace=process -o {trace} /bin/sh -c "
        + shlex.quote(launch.run_command(sha256, "apply"))
    )
    return re.findall(r'execve\("([^"]+)".*(?:= 0|<unfinished \.\.\.>)', trace.read_text())


def names_of(programs):
    return [program.rsplit("/", 1)[1] for program in programs]


@pytest.mark.skipif(not shutil.which("strace"), reason="counted with strace")
def test_the_steady_state_starts_three_processes_before_java(host, sha256):
    host.put_jar()
    host.program("java", "exit 0")
    host.put_archive()
    programs = programs_of_a_run(host, sha256)
    first, *checks, last = names_of(programs)
    assert (first, last) == ("sh", "java")
    assert sorted(checks) == ["cksum", "sha256sum", "stat"] and checks[0] == "stat"


@as_root
@pytest.mark.skipif(not shutil.which("strace"), reason="counted with strace")
def test_the_usual_link_to_java_is_followed_without_a_process(host, sha256):
    host.put_jar()
    real = another_java(host, host.root / "jvm" / "java-17" / "bin") / "java"
    (host.bin / "java").unlink()
    (host.root / "alternatives").symlink_to(real)
    (host.bin / "java").symlink_to(host.root / "alternatives")
    programs = programs_of_a_run(host, sha256)
    assert names_of(programs) == ["sh", "stat", "sha256sum", "java"]
    assert programs[-1] == str(real)
