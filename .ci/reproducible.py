# SPDX-License-Identifier: GPL-3.0-or-later
"""reproducible.py BUILT RESULT EPOCH: the tarball of a collection, or a jar, packed again so that the same content is the same bytes.

ansible-galaxy lists the files in the order of the directory and packs them with the times of the build. ProGuard gives the
entries of its jar the time of the build.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import zipfile

INDEXES = ("MANIFEST.json", "FILES.json")


def jar(built, result):
    with zipfile.ZipFile(built) as old, zipfile.ZipFile(result, "w") as new:
        for entry in old.infolist():
            fresh = zipfile.ZipInfo(entry.filename, (2026, 1, 1, 0, 0, 0))
            fresh.compress_type = zipfile.ZIP_STORED if entry.is_dir() else zipfile.ZIP_DEFLATED
            fresh.external_attr = 0o755 << 16 if entry.is_dir() else 0o644 << 16
            new.writestr(fresh, old.read(entry), compresslevel=9)


def collection(built, result, epoch):
    members = {}
    with tarfile.open(built) as tar:
        for member in tar:
            members[member.name] = (
                member,
                tar.extractfile(member).read() if member.isfile() else b"",
            )

    files = json.loads(members["FILES.json"][1])
    files["files"].sort(key=lambda one: one["name"])
    text = json.dumps(files, indent=True).encode()
    members["FILES.json"] = (members["FILES.json"][0], text)
    manifest = json.loads(members["MANIFEST.json"][1])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(text).hexdigest()
    text = json.dumps(manifest, indent=True).encode()
    members["MANIFEST.json"] = (members["MANIFEST.json"][0], text)

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in [*INDEXES, *sorted(set(members) - set(INDEXES))]:
            member, content = members[name]
            fresh = tarfile.TarInfo(name)
            fresh.type = member.type
            fresh.linkname = member.linkname
            fresh.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            fresh.mtime = int(epoch)
            fresh.size = len(content)
            tar.addfile(fresh, io.BytesIO(content))
    pathlib.Path(result).write_bytes(gzip.compress(packed.getvalue(), 9, mtime=0))


if sys.argv[1].endswith(".jar"):
    jar(*sys.argv[1:3])
else:
    collection(*sys.argv[1:])
