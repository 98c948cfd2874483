# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell commands, run by real shells on a host made of a directory."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import shutil
import subprocess
import time

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import launch
from conftest import empty_path

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")


def wait_for(condition):
    for dummy in range(100):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


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
        == " ".join(launch.JVM_FLAGS)
        + f" -XX:ErrorFile={host.cache}/java-crash-%p.log -cp {jar} quietus.Main apply\n"
        + '{"names": ["x"]}\n'
    )


def test_without_the_jar_it_says_so(host, shell, sha256):
    output = host.run(launch.run_command(sha256, "apply"))
    assert list(output.answers) == ["no-jar"]
    assert output.status == launch.ANSWER_STATUS
    host.cache.mkdir(mode=0o700)
    assert list(host.run(launch.run_command(sha256, "apply")).answers) == ["no-jar"]


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


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_content,
        spoil_mode,
        spoil_by_link,
        spoil_by_dangling_link,
        spoil_by_directory,
        pytest.param(spoil_owner, marks=as_root),
    ],
)
def test_a_wrong_jar_is_not_run(host, shell, sha256, spoil):
    spoil(host, host.put_jar())
    output = host.run(launch.run_command(sha256, "apply"))
    assert list(output.answers) == ["wrong-jar"]
    assert host.runs() == ""


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_content,
        spoil_mode,
        spoil_by_link,
        spoil_by_dangling_link,
        pytest.param(spoil_owner, marks=as_root),
    ],
)
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


@pytest.mark.parametrize(
    "suffix, option", [("jsa", "-XX:SharedArchiveFile="), ("aot", "-XX:AOTCache=")]
)
def test_an_archive_is_used_when_it_is_there(host, shell, sha256, suffix, option):
    host.put_jar()
    archive = host.put_archive(suffix)
    output = host.run(launch.run_command(sha256, "apply"))
    assert output.answers == {"archive": ""}
    assert f" {option}{archive} -cp " in host.runs()


@pytest.mark.parametrize("suffix", ["jsa", "aot"])
@pytest.mark.parametrize("content", [b"archivE", b"", b"archive and more"])
def test_an_archive_that_is_not_as_it_was_written_is_not_used(host, shell, sha256, suffix, content):
    host.put_jar()
    host.put_archive(suffix).write_bytes(content)
    assert host.run(launch.run_command(sha256, "apply")).answers == {"no-archive": ""}
    assert "Archive" not in host.runs() and "AOTCache" not in host.runs()


def test_an_archive_of_another_java_is_not_used(host, shell, sha256):
    jar = host.put_jar()
    jar.with_name(f"{sha256}-1-2-3-4.jsa").write_text("archive")
    assert "no-archive" in host.run(launch.run_command(sha256, "apply")).answers
    assert "SharedArchiveFile" not in host.runs()


def archiving_java(host, options):
    """A java that makes an archive for these options and knows no other."""
    host.program(
        "java",
        f"""
        echo "$@" >>{host.java_log}
        for word; do case $word in {options}) echo archive >"${{word#*=}}"; exit 0;; esac; done
        exit 1""",
    )


@pytest.mark.parametrize(
    "options, suffix", [("-XX:AOTCacheOutput=*", "aot"), ("-XX:ArchiveClassesAtExit=*", "jsa")]
)
def test_an_archive_is_made_behind_the_back(host, shell, sha256, options, suffix):
    host.put_jar()
    archiving_java(host, options)
    assert list(host.run(launch.archive_command(sha256)).answers) == ["ready"]
    wait_for(lambda: list(host.cache.glob(f"*.{suffix}")) and not list(host.cache.glob("*.lock")))
    assert sorted(path.suffix for path in host.cache.iterdir()) == sorted(
        [".jar", ".sum", "." + suffix]
    )
    assert list(host.run(launch.run_command(sha256, "apply")).answers) == ["archive"]
    archiving_java(host, "nothing")
    os.utime(host.bin / "java", (1, 1))


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


def test_no_java_is_said(host, shell, sha256):
    host.put_jar()
    (host.bin / "java").unlink()
    host.variables["PATH"] = empty_path(host)
    output = host.run(launch.run_command(sha256, "apply"))
    assert list(output.answers) == ["no-java"]
    assert "Install a JRE 17" in output.problem()


def another_java(host, directory, text="other"):
    """A java that logs this text, and its directory."""
    return host.program("java", f"echo {text} >>{host.java_log}", directory).parent


@as_root
def test_java_home_is_nothing_to_root(host, shell, sha256):
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


def as_nobody(host):
    """Makes all of the host belong to a user who is not root, with the jar in that user's cache."""
    host.root.chmod(0o755)
    jar = host.put_jar()
    cache = host.home / ".cache" / "quietus"
    cache.mkdir(parents=True, mode=0o700)
    jar.rename(cache / jar.name)
    for path in (cache / jar.name, cache, cache.parent, host.home):
        os.chown(path, 65534, 65534)
    return cache


@as_root
@pytest.mark.parametrize("entries", ["", ".", "bin", "::", ".:bin:", "~/bin"])
def test_root_looks_for_no_java_where_it_stands(host, shell, sha256, entries):
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


@as_root
@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize(
    "spoil", [java_of_another, java_for_group, java_for_all, java_in_a_sticky_directory]
)
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
@pytest.mark.parametrize(
    "spoil", [java_of_another, java_for_group, java_for_all, java_in_a_sticky_directory]
)
@pytest.mark.parametrize("level", [1, 2])
def test_what_is_above_the_cache_is_ours_too(host, shell, sha256, monkeypatch, spoil, level):
    cache = host.root / "var" / "cache" / "quietus"
    cache.parent.mkdir(parents=True)
    monkeypatch.setattr(launch, "ROOT_CACHE", str(cache))
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


def test_java_stands_in_no_directory_of_the_caller(host, shell, sha256):
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
def test_a_java_that_is_none_is_named(host, shell, sha256, java):
    host.put_jar()
    output = host.run(launch.run_command(sha256, "apply", java=java))
    assert output.answers == {"bad-java": java}
    assert java in output.problem()


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


def programs_of(trace):
    """The paths of the programs that were started; strace cuts a call in two where another process is heard meanwhile."""
    return re.findall(r'execve\("([^"]+)".*(?:= 0|<unfinished \.\.\.>)', trace.read_text())


@pytest.mark.skipif(not shutil.which("strace"), reason="counted with strace")
def test_the_steady_state_starts_three_processes_before_java(host, sha256):
    host.put_jar()
    host.program("java", "exit 0")
    host.put_archive()
    trace = host.root / "trace"
    host.run(
        f"exec strace -f -e trace=process -o {trace} /bin/sh -c "
        + shlex.quote(launch.run_command(sha256, "apply"))
    )
    programs = programs_of(trace)
    assert [program.rsplit("/", 1)[1] for program in programs] == [
        "sh",
        "stat",
        "sha256sum",
        "cksum",
        "java",
    ]


@as_root
@pytest.mark.skipif(not shutil.which("strace"), reason="counted with strace")
def test_the_usual_link_to_java_is_followed_without_a_process(host, sha256):
    host.put_jar()
    real = another_java(host, host.root / "jvm" / "java-17" / "bin") / "java"
    (host.bin / "java").unlink()
    (host.root / "alternatives").symlink_to(real)
    (host.bin / "java").symlink_to(host.root / "alternatives")
    trace = host.root / "trace"
    host.run(
        f"exec strace -f -e trace=process -o {trace} /bin/sh -c "
        + shlex.quote(launch.run_command(sha256, "apply"))
    )
    programs = programs_of(trace)
    assert [program.rsplit("/", 1)[1] for program in programs] == [
        "sh",
        "stat",
        "sha256sum",
        "java",
    ]
    assert programs[-1] == str(real)


def test_the_report_is_found_among_noise():
    report = json.dumps(
        {"changed": False, "msg": "fine", "members": [{"unit": "ä.service"}]}, ensure_ascii=False
    )
    output = launch.Output(0, 'Welcome to {host}\r\n{"motd": 1}\n' + report + "\r\nlogout\n", "")
    assert output.report["members"][0]["unit"] == "ä.service"
    assert launch.Output(0, "Welcome " + report, "").report["msg"] == "fine"


@pytest.mark.parametrize(
    "stdout", ["", '{"changed": true', "{}", "[1]", '{"failed": true}', '"text"', "null"]
)
def test_what_is_no_report_is_not_taken_for_one(stdout):
    output = launch.Output(3, stdout, "Exception in thread main\n\tat x.y.z")
    assert output.report is None
    assert "exit status 3" in output.problem()
    assert "Exception in thread main" in output.problem()


def test_a_long_error_is_cut():
    assert len(launch.Output(1, "", "x" * 10000).problem()) < 1000


@pytest.mark.parametrize(
    "line, version",
    [
        ('openjdk version "11.0.2" 2019', "11"),
        ('java version "1.8.0_292"', "8"),
        ('openjdk version "16" 2021', "16"),
    ],
)
def test_an_old_java_is_named_with_its_version(line, version):
    text = launch.Output(0, "quietus-shell: java /usr/bin/java\n" + line, "").old_java
    assert f"(/usr/bin/java) is version {version}, and the agent needs 17" in text


@pytest.mark.parametrize(
    "line",
    [
        'openjdk version "17.0.15" 2025',
        'openjdk version "25" 2025',
        "nonsense",
        f'version "{"9" * 9999}"',
    ],
)
def test_a_java_that_is_new_enough_is_not_blamed(line):
    assert launch.Output(0, line, "").old_java is None


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


@pytest.mark.skipif(os.geteuid() != 0, reason="root's launcher")
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
