# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundled Java, on a host made of a directory: how its archive gets there, and when it is run."""

from __future__ import annotations

import hashlib
import os
import pathlib
import shlex
import shutil
import subprocess

import pytest
from ansible_collections.quietus.systemd.plugins.module_utils import launch
from ansible_collections.quietus.systemd.plugins.plugin_utils import java_archives
from conftest import as_nobody, as_root, make_archive


def entries(host):
    return sorted(path.name for path in host.javas.iterdir())


def install(host, archive):
    content, name = archive
    output = host.run(launch.runtime_command(name), content)
    assert output.answers == {"ready": str(host.javas / name)}, output.errors
    return host.javas / name


def test_it_is_unpacked_with_everything_as_it_should_be(host, shell, archive):
    there = install(host, archive)
    assert entries(host) == [there.name]
    assert there.stat().st_mode & 0o7777 == 0o755
    assert (there / "bin" / "java").stat().st_mode & 0o7777 == 0o755
    for path in (there, *there.rglob("*")):
        assert (path.stat().st_uid, path.stat().st_gid) == (os.geteuid(), os.getegid())
        assert not path.stat().st_mode & 0o022
    assert host.javas.parent.stat().st_mode & 0o777 == 0o700


def test_a_java_that_is_there_is_run(bare, shell, archive, sha256):
    there = install(bare, archive)
    for java in ("bundled", "auto", None):
        output = bare.run(
            launch.run_command(sha256, "apply", java, runtimes=["0" * 64, there.name])
        )
        assert output.report, output.errors
    assert bare.runs().count("quietus.Main apply") == 3
    assert "bundled" in bare.runs()


def test_the_java_of_the_host_comes_first_unless_the_bundled_one_is_asked_for(
    host, shell, archive, sha256
):
    host.put_jar()
    there = install(host, archive)
    for java in ("auto", None):
        host.run(launch.run_command(sha256, "apply", java, runtimes=[there.name]))
    assert "bundled" not in host.runs() and "quietus.Main apply" in host.runs()
    host.run(launch.run_command(sha256, "apply", "bundled", runtimes=[there.name]))
    assert host.runs().splitlines()[-1].startswith("bundled")


@pytest.mark.parametrize(
    "java, word", [("bundled", "no-runtime"), ("auto", "no-runtime"), (None, "no-java")]
)
def test_without_it_the_host_says_which_processor_it_has(bare, shell, sha256, java, word):
    (bare.bin / "uname").symlink_to(shutil.which("uname"))
    output = bare.run(launch.run_command(sha256, "apply", java, runtimes=["0" * 64]))
    assert list(output.answers) == [word]
    if java:
        assert output.answers[word] == os.uname().machine


@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-9], lambda data: data + b"x", lambda data: b"", lambda data: b"evil"],
)
def test_a_tampered_archive_is_not_unpacked(host, shell, archive, change):
    content, name = archive
    output = host.run(launch.runtime_command(name), change(content))
    assert list(output.answers) == ["wrong-runtime"]
    assert "Nothing was unpacked" in output.problem()
    assert entries(host) == []


def test_what_is_no_archive_leaves_nothing(host, shell):
    content = b"no tar file at all"
    output = host.run(launch.runtime_command(hashlib.sha256(content).hexdigest()), content)
    assert list(output.answers) == ["not-unpacked"]
    assert "takes tar, gzip and 100 MB" in output.problem()
    assert entries(host) == []


def test_a_java_that_does_not_run_here_is_not_kept(host, shell):
    content, name = make_archive("echo version GLIBC_2.17 not found >&2; exit 1")
    output = host.run(launch.runtime_command(name), content)
    assert list(output.answers) == ["runtime-fails"]
    assert "GLIBC_2.17 not found" in output.problem() and os.uname().machine in output.problem()
    assert entries(host) == []


def test_what_a_crash_left_half_unpacked_is_never_run_and_goes(bare, shell, archive, sha256):
    content, name = archive
    left = bare.javas / f".{name}.77" / "java" / "bin"
    left.mkdir(parents=True)
    bare.javas.parent.chmod(0o700)
    bare.program("java", f"echo half >>{bare.java_log}", left)
    output = bare.run(launch.run_command(sha256, "apply", "auto", runtimes=[name]))
    assert list(output.answers) == ["no-runtime"]
    install(bare, archive)
    assert f".{name}.77" in entries(bare)  # another task may be at it
    os.utime(left.parents[1], (1, 1))
    install(bare, archive)
    assert entries(bare) == [name]
    assert "half" not in bare.runs()


def test_a_link_in_its_place_is_not_followed(bare, shell, archive, sha256):
    content, name = archive
    elsewhere = bare.root / "elsewhere"
    bare.program("java", f"echo evil >>{bare.java_log}", elsewhere / "bin")
    bare.javas.mkdir(parents=True, mode=0o700)
    (bare.javas / name).symlink_to(elsewhere)
    for java in ("bundled", "auto"):
        output = bare.run(launch.run_command(sha256, "apply", java, runtimes=[name]))
        assert list(output.answers) == ["no-runtime"]
    there = install(bare, archive)
    assert not there.is_symlink() and (elsewhere / "bin" / "java").exists()
    assert bare.run(launch.run_command(sha256, "apply", "auto", runtimes=[name])).report
    assert "evil" not in bare.runs()


@pytest.mark.parametrize("spoil", ["link", "file", "open"])
def test_a_place_that_is_not_safe_is_refused(bare, shell, archive, sha256, spoil):
    content, name = archive
    bare.javas.parent.mkdir(mode=0o700, parents=True)
    if spoil == "link":
        (bare.root / "elsewhere").mkdir()
        bare.javas.symlink_to(bare.root / "elsewhere")
    elif spoil == "file":
        bare.javas.write_text("")
    else:
        bare.javas.mkdir()
        bare.javas.chmod(0o777)
    output = bare.run(launch.runtime_command(name), content)
    assert output.answers == {"bad-cache": str(bare.javas)}
    if spoil == "link":
        assert list((bare.root / "elsewhere").iterdir()) == []


@as_root
def test_root_runs_no_bundled_java_that_others_can_change(bare, shell, archive, sha256):
    there = install(bare, archive)
    (there / "bin").chmod(0o777)
    output = bare.run(launch.run_command(sha256, "apply", "bundled", runtimes=[there.name]))
    assert list(output.answers) == ["unsafe-java"]
    (there / "bin").chmod(0o755)
    os.chown(there, 65534, 65534)
    output = bare.run(launch.run_command(sha256, "apply", "bundled", runtimes=[there.name]))
    assert list(output.answers) == ["no-runtime"]
    assert bare.runs() == ""


def test_one_that_lost_its_program_is_replaced(bare, shell, archive, sha256):
    there = install(bare, archive)
    (there / "bin" / "java").unlink()
    output = bare.run(launch.run_command(sha256, "apply", "bundled", runtimes=[there.name]))
    assert list(output.answers) == ["no-runtime"]
    install(bare, archive)
    assert bare.run(launch.run_command(sha256, "apply", "bundled", runtimes=[there.name])).report


def test_other_versions_go_unless_something_needs_them(host, shell, archive):
    unused, of_launcher, of_lease, runs = (host.javas / (digit * 64) for digit in "1234")
    for path in (unused, of_launcher, of_lease, runs):
        path.mkdir(parents=True)
    host.javas.parent.chmod(0o700)
    (host.javas.parent / "quietus").write_text(f"for j in '{of_launcher}/bin/java'; do")
    (host.root / "units").mkdir()
    (host.root / "units" / "quietus-lease.service").write_text(f"java='{of_lease}/bin/java'")
    shutil.copy(shutil.which("sleep"), runs / "sleep")
    with subprocess.Popen([runs / "sleep", "60"]) as process:
        try:
            there = install(host, archive)
        finally:
            process.kill()
    kept = [of_launcher, runs, there] if os.geteuid() else [of_launcher, of_lease, runs, there]
    assert entries(host) == sorted(path.name for path in kept)


def test_the_script_for_people_finds_it(bare, shell, archive, sha256):
    there = install(bare, archive)
    script = bare.root / "quietus.sh"
    for java in (None, "bundled"):
        script.write_text(launch.script(sha256, java, [there.name]))
        done = bare.run(shlex.join([*shell, str(script), "status"]))
        assert done.status == 0, done.errors
        assert bare.runs().splitlines()[-1].startswith("bundled")
    (bare.bin / "java").write_text(f"#!/bin/sh\necho own >>{bare.java_log}\n")
    (bare.bin / "java").chmod(0o755)
    bare.run(shlex.join([*shell, str(script), "status"]))
    assert bare.runs().splitlines()[-1].startswith("bundled")
    script.write_text(launch.script(sha256, str(bare.bin / "java"), [there.name]))
    bare.run(shlex.join([*shell, str(script), "status"]))
    assert bare.runs().splitlines()[-1] == "own"


def test_the_archive_of_a_processor_is_found(archives, archive):
    found = java_archives.Archives()
    assert found.present and found.sums == [archive[1]]
    assert found.find(os.uname().machine) == (archive[1], str(archives), archive[0])


@pytest.mark.parametrize("processor", ["riscv64", "", "../x86_64", "x86_64.tar.gz; id", "X86_64"])
def test_a_processor_that_is_unknown_gets_no_archive(archives, processor):
    with pytest.raises(java_archives.NoArchive, match="no bundled Java for the processor"):
        java_archives.Archives().find(processor)


def test_an_archive_that_was_changed_on_the_controller_is_not_sent(archives):
    archives.write_bytes(b"evil")
    with pytest.raises(
        java_archives.NoArchive, match="is not the archive that belongs to this collection"
    ):
        java_archives.Archives().find(os.uname().machine)


def test_a_controller_without_the_archive_says_where_it_belongs(archives, tmp_path):
    found = java_archives.Archives(str(tmp_path / "elsewhere"))
    assert not found.present
    with pytest.raises(java_archives.NoArchive, match="quietus_java_archives"):
        found.find(os.uname().machine)


@pytest.mark.parametrize("text", ["", "nonsense\n", "00  quietus-java-1-x86_64.tar.gz\n"])
def test_a_list_that_is_damaged_gives_no_archive(archives, text):
    pathlib.Path(java_archives.PINS).write_text(text)
    found = java_archives.Archives()
    assert found.sums == [] and not found.present
    with pytest.raises(java_archives.NoArchive):
        found.find(os.uname().machine)


def test_the_collections_own_list_has_both_processors():
    assert len(java_archives.Archives().sums) == 2
    for processor in ("x86_64", "aarch64"):
        assert len(java_archives.Archives()._pins[processor][0]) == 64


@as_root
@pytest.mark.parametrize("state", [None, "a state"])
def test_a_user_gets_one_of_their_own(host, shell, archive, sha256, state):
    content, name = archive
    as_nobody(host)
    (host.bin / "java").unlink()
    host.java_log.write_text("")
    host.java_log.chmod(0o666)
    place = host.home / (state or ".local/state") / "quietus" / "java"
    if state:
        host.variables["XDG_STATE_HOME"] = str(host.home / state)
    older = place / ("1" * 64)
    older.mkdir(parents=True)
    for path in (older, *older.parents):
        if path == host.home:
            break
        os.chown(path, 65534, 65534)
    nobody = dict(user=65534, group=65534)
    command = launch.run_command(sha256, "apply", "bundled", "user", runtimes=[name])
    assert list(host.run(command, **nobody).answers) == ["no-runtime"]
    output = host.run(launch.runtime_command(name, "user"), content, **nobody)
    assert output.answers == {"ready": str(place / name)}, output.errors
    assert [path.name for path in place.iterdir()] == [name]
    assert (place / name).stat().st_uid == 65534
    assert host.run(command, **nobody).report
