# Copyright: (c) Quietus contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host made of a directory: the real shell runs the real commands on it, and its java is a script."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

import pytest

# Where the tests do not run from an ansible_collections tree, they make themselves one.
if not any(parent.name == "ansible_collections" for parent in pathlib.Path(__file__).parents):
    _tree = tempfile.TemporaryDirectory(prefix="quietus-collection-")
    _namespace = pathlib.Path(_tree.name) / "ansible_collections" / "quietus"
    _namespace.mkdir(parents=True)
    (_namespace / "systemd").symlink_to(pathlib.Path(__file__).resolve().parents[2])
    sys.path.insert(0, _tree.name)
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = _tree.name

import ansible.plugins.loader  # noqa: E402

if hasattr(ansible.plugins.loader, "init_plugin_loader"):  # ansible-core 2.15 and later
    ansible.plugins.loader.init_plugin_loader()

from ansible_collections.quietus.systemd.plugins.module_utils import (  # noqa: E402
    answers,
    bundled,
    host_checks,
    launch,
)
from ansible_collections.quietus.systemd.plugins.plugin_utils import java_archives  # noqa: E402

SHELLS = [["/bin/sh"], ["bash"], ["bash", "--posix"], ["busybox", "sh"]]
PRESENT = [[shutil.which(shell[0]), *shell[1:]] for shell in SHELLS if shutil.which(shell[0])]

REPORT = {
    "changed": True,
    "failed": False,
    "state": "quiesced",
    "msg": "myapi.service is quiesced.",
    "members": [
        {
            "unit": "myapi.service",
            "role": "subject",
            "reason": "it was named",
            "before": {"load": "loaded", "active": "active", "sub": "running"},
            "after": {"load": "masked", "active": "inactive", "sub": "dead"},
        },
        {
            "unit": "myapi.socket",
            "role": "activator",
            "reason": "its connections start myapi.service",
            "before": {"load": "loaded", "active": "active", "sub": "listening"},
            "after": {"load": "masked", "active": "inactive", "sub": "dead"},
        },
    ],
    "doors": [],
    "holds": [],
    "inexact": [],
    "warnings": [],
    "steps": [{"step": "stop", "ms": 3}],
    "version": "0.1.0",
}


#: What a request to quiesce myapi has where a task gives nothing else.
QUIESCE_REQUEST = {
    "names": ["myapi"],
    "state": "quiesced",
    "scope": "system",
    "timeout": 90,
    "lock_timeout": 60,
    "drain": 0,
    "settle": 0,
    "dependents": "hold",
    "allow_protected": False,
    "takeover": False,
}


class Host:
    """Where things lie on the host, what its java does, and what was run there."""

    shell = "/bin/sh"

    def __init__(self, root):
        self.root = root
        self.cache = root / "cache"
        self.bin = root / "bin"
        self.home = root / "home"
        self.systemd = root / "systemd"
        self.javas = (root if os.geteuid() == 0 else self.home / ".local/state") / "quietus/java"
        self.java_log = root / "java.log"
        self.commands = []
        self.variables = {}
        for directory in (self.bin, self.home, self.systemd):
            directory.mkdir()
        self.java_does()

    def java_does(self, stdout=None, stderr="", status=0, first=""):
        """Makes the host's java: it logs its arguments and its standard input, and then says this."""
        out = self.root / "java.stdout"
        out.write_text(json.dumps(REPORT) + "\n" if stdout is None else stdout)
        err = self.root / "java.stderr"
        err.write_text(stderr)
        self.program(
            "java",
            f"""
            case "$*" in *-Xshare:off*|*ArchiveClassesAtExit*) exit 1;; esac
            {{ echo "$@"; cat; echo; }} >>{self.java_log}
            {first}
            cat {out}; cat {err} >&2; exit {status}""",
        )

    def program(self, name, text, directory=None):
        path = (directory or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)
        return path

    def runs(self):
        text = self.java_log.read_text() if self.java_log.exists() else ""
        return "".join(line for line in text.splitlines(keepends=True) if line.strip())

    def run(self, command, data=b"", shell=None, **popen):
        """Runs a command as sshd would, with what is on this host; returns an answers.Output."""
        self.commands.append(command)
        environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HOME": str(self.home),
            **self.variables,
        }
        done = subprocess.run(
            [*(shell or [self.shell]), "-c", command],
            input=data,
            capture_output=True,
            env=environment,
            check=False,
            **popen,
        )
        return answers.Output(done.returncode, done.stdout.decode(), done.stderr.decode())

    def put_jar(self, content=b"the jar"):
        self.cache.mkdir(mode=0o700, exist_ok=True)
        path = self.cache / (hashlib.sha256(b"the jar").hexdigest() + ".jar")
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    def put_archive(self, suffix="jsa", content=b"archive"):
        """Writes the archive for the current java, with its checksum; returns its path."""
        java = (self.bin / "java").stat()
        jar = next(self.cache.glob("*.jar"))
        key = f"{jar.stem}-{java.st_dev}-{java.st_ino}-{int(java.st_mtime)}-{java.st_size}"
        path = jar.with_name(f"{key}.{suffix}")
        path.write_bytes(content)
        done = subprocess.run(["cksum"], input=content, stdout=subprocess.PIPE, check=True)
        jar.with_name(f"{key}.sum").write_bytes(done.stdout)
        return path


def has_process(path):
    """Whether a process runs that was started with this path in its arguments."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if str(path).encode() in pathlib.Path("/proc", pid, "cmdline").read_bytes():
                return True
        except OSError:
            pass  # it has ended meanwhile
    return False


@pytest.fixture
def host(monkeypatch):
    """Root takes no java below /tmp, so this host lies elsewhere."""
    place = "/var/lib" if os.geteuid() == 0 else None
    tmp_path = pathlib.Path(tempfile.mkdtemp(prefix="quietus-host-", dir=place))
    made = Host(tmp_path)
    monkeypatch.setattr(host_checks, "ROOT_CACHE", str(made.cache))
    monkeypatch.setattr(launch, "ROOT_LAUNCHER", str(tmp_path / "launcher"))
    monkeypatch.setattr(launch, "SYSTEMD_RUNS", str(made.systemd))
    monkeypatch.setattr(bundled, "ROOT_PLACE", str(made.javas))
    monkeypatch.setattr(
        bundled, "_ROOT_USERS", f'"$b/../quietus" {tmp_path}/units/quietus-lease*.service'
    )
    monkeypatch.setattr(host_checks, "JAVA_PLACES", str(tmp_path / "jvm" / "*" / "bin"))
    if os.geteuid() != 0:
        monkeypatch.setattr(host_checks, "CACHE", "P=$PATH; w=; d={root};")
    yield made
    # an archive may still be made in the background, and its shell makes the directory of the cache
    end = time.monotonic() + 10
    while time.monotonic() < end and (tmp_path.exists() or has_process(tmp_path)):
        if not has_process(tmp_path):
            shutil.rmtree(tmp_path, ignore_errors=True)
        time.sleep(0.01)
    assert not tmp_path.exists(), f"{tmp_path} stays"


@pytest.fixture
def sha256():
    return hashlib.sha256(b"the jar").hexdigest()


@pytest.fixture(
    params=PRESENT, ids=lambda shell: " ".join([os.path.basename(shell[0]), *shell[1:]])
)
def shell(request, host):
    host.shell = request.param[0]
    run = host.run
    host.run = lambda command, data=b"", **more: run(
        command, data, **{"shell": request.param, **more}
    )
    return request.param


def empty_path(host):
    """A PATH with what the commands need, and no java."""
    for tool in ("stat", "sha256sum", "cksum", "id"):
        if not (host.bin / tool).exists():
            (host.bin / tool).symlink_to(shutil.which(tool))
    return str(host.bin)


WORKS = 'case "$*" in -version*|*-Xshare:dump*|*-Xshare:off*|*ArchiveClassesAtExit*) exit 0;; esac\necho bundled "$@" >>{log}; cat {out}'


def make_archive(java):
    """A tar file of a Java whose program is this shell text; returns its bytes and its SHA-256."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in ("bin", "lib"):
            entry = tarfile.TarInfo("./" + name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, text, mode in (
            ("bin/java", "#!/bin/sh\n" + java, 0o755),
            ("lib/modules", "x", 0o644),
        ):
            entry = tarfile.TarInfo("./" + name)
            entry.size, entry.mode, entry.uid, entry.gid = len(text), mode, 1234, 1234
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue(), hashlib.sha256(packed.getvalue()).hexdigest()


@pytest.fixture
def archive(host):
    return make_archive(WORKS.format(log=host.java_log, out=host.root / "java.stdout"))


@pytest.fixture
def bare(host):
    """The host without a java of its own."""
    host.put_jar()
    (host.bin / "java").unlink()
    host.variables["PATH"] = empty_path(host)
    return host


@pytest.fixture
def archives(tmp_path, archive, monkeypatch):
    """A collection that knows one archive, for the processor of this machine."""
    content, name = archive
    file = f"quietus-java-1.2.3-{os.uname().machine}.tar.gz"
    pins = tmp_path / "java.sha256"
    pins.write_text(f"{name}  {file}\n")
    monkeypatch.setattr(java_archives, "PINS", str(pins))
    monkeypatch.setattr(java_archives, "DIRECTORY", str(tmp_path))
    (tmp_path / file).write_bytes(content)
    return tmp_path / file


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="takes root")


def another_java(host, directory, text="other"):
    """A java that logs this text, and its directory."""
    return host.program("java", f"echo {text} >>{host.java_log}", directory).parent


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
