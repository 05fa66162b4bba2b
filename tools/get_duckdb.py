#!/usr/bin/env python3
"""Fetches DuckDB, library and C header, into build/deps/duckdb/{lib,include}.

Two packages of the npm registry hold the two halves: the Node bindings ship libduckdb.so without
a header, the old `duckdb` package ships all sources, of which only duckdb.h is taken. Both are of
the same DuckDB release. Every archive is checked against the hash below before it is opened.

Where an archive comes from, in this order: --from DIR, the cache (~/.cache/catchment), npm (its own
configuration names the registry), the registry that NPM_CONFIG_REGISTRY names.
"""

import argparse
import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "deps" / "duckdb"

# package, version, integrity as the registry states it, member of the archive, where it goes
HEADER = (
    "duckdb",
    "1.4.4",
    "sha512-hEJJ5hyVF0VLj3dmOLpsWrQR0b3d4Ykqtygm6iUXjHJDDnSqg/USKxcb5qvNrOhFYPgktayU6dXCtgPqcmmpog==",
    "package/src/duckdb/src/include/duckdb.h",
    "include/duckdb.h",
)
LIBRARIES = {
    "x86_64": (
        "@duckdb/node-bindings-linux-x64",
        "1.4.4-r.4",
        "sha512-jBTL/WvfwxLToFa/pVHfT6elMtltJGnc3wSuxZD9OfMltit9YUdVFS37vBFQzXMT1Z8OWjtSjMh+zPKxOwHLHA==",
        "package/libduckdb.so",
        "lib/libduckdb.so",
    ),
    "aarch64": (
        "@duckdb/node-bindings-linux-arm64",
        "1.4.4-r.3",
        "sha512-qF2/WhB+i+8is60RrpTY/5ZnywIUayuBiVXSuQ4rrRn1m1gvfKqPvjySbiDjYgQo/6OXu/fax0KC1gXnNWoLEA==",
        "package/libduckdb.so",
        "lib/libduckdb.so",
    ),
}


class Failure(Exception):
    """Something the person at the terminal can act on."""


def say(text):
    print(f"duckdb: {text}", flush=True)


def parts():
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in LIBRARIES:
        raise Failure(
            f"no library is packaged for {platform.system()} on {machine}; it is for Linux on "
            + " and ".join(LIBRARIES)
            + ". Put your own into a folder with lib/ and include/ and name it in CATCHMENT_DUCKDB_DIR"
        )
    return [HEADER, LIBRARIES[machine]]


def archive_name(package, version):
    return f"{package.lstrip('@').replace('/', '-')}-{version}.tgz"


def cache_folder():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "catchment"


def integrity_of(path):
    digest = hashlib.sha512()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return "sha512-" + base64.b64encode(digest.digest()).decode()


def stamp():
    """What TARGET must say it was made from to be taken as it is."""
    return "".join(f"{package}@{version} {integrity}\n" for package, version, integrity, _, _ in parts())


def is_installed():
    written = TARGET / "made_from.txt"
    files = [TARGET / part[4] for part in parts()]
    return written.is_file() and written.read_text() == stamp() and all(f.is_file() for f in files)


def registry_from_environment():
    return os.environ.get("NPM_CONFIG_REGISTRY") or os.environ.get("npm_config_registry")


def can_fetch():
    cached = all((cache_folder() / archive_name(*part[:2])).is_file() for part in parts())
    return cached or bool(shutil.which("npm") or registry_from_environment())


def fetch_with_npm(package, version, folder):
    before = time.monotonic()
    done = subprocess.run(
        ["npm", "pack", f"{package}@{version}", "--ignore-scripts", "--pack-destination", str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(f"npm could not fetch {package}@{version}:\n{done.stderr.strip()}")
    path = folder / archive_name(package, version)
    say(f"  {path.stat().st_size / 1e6:.1f} MB in {time.monotonic() - before:.0f} s")
    return path


def fetch_with_http(registry, package, version, folder):
    base = package.split("/")[-1]
    address = f"{registry.rstrip('/')}/{package}/-/{base}-{version}.tgz"
    path = folder / archive_name(package, version)
    try:
        with urllib.request.urlopen(address, timeout=60) as answer, open(path, "wb") as out:
            total = int(answer.headers.get("Content-Length") or 0)
            copy_with_progress(answer, out, total)
    except OSError as error:
        raise Failure(f"could not fetch {package}@{version} from {registry}: {error}") from error
    return path


def copy_with_progress(source, out, total):
    done, told = 0, 0
    while block := source.read(1 << 18):
        out.write(block)
        done += len(block)
        if total and done * 4 // total > told:
            told = done * 4 // total
            say(f"  {done / 1e6:.1f} of {total / 1e6:.1f} MB")


def fetch(package, version, folder):
    say(f"fetches {package}@{version} from the npm registry")
    if shutil.which("npm"):
        return fetch_with_npm(package, version, folder)
    if registry := registry_from_environment():
        return fetch_with_http(registry, package, version, folder)
    raise Failure(
        "to fetch from the npm registry, install npm or set NPM_CONFIG_REGISTRY; "
        "or put the archives into a folder and say --from FOLDER"
    )


def check(path, package, version, integrity):
    found = integrity_of(path)
    if found != integrity:
        raise Failure(f"{path} is not {package}@{version}: its hash is\n  {found}, and it must be\n  {integrity}")


def archive_of(package, version, integrity, given):
    """The checked archive: from `given`, else from the cache, which is filled first if need be."""
    if given:
        path = Path(given) / archive_name(package, version)
        if not path.is_file():
            raise Failure(f"there is no {path.name} in {given}")
        check(path, package, version, integrity)
        return path
    kept = cache_folder() / archive_name(package, version)
    if kept.is_file() and integrity_of(kept) == integrity:
        say(f"takes {package}@{version} from {kept.parent}")
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        fetched = fetch(package, version, Path(folder))
        check(fetched, package, version, integrity)
        os.replace(fetched, kept)
    return kept


def unpack(archive, member, target):
    """Puts one member in place; a half-written file never has the final name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        source = tar.extractfile(member)
        if source is None:
            raise Failure(f"{archive} holds no {member}")
        partial = target.with_suffix(target.suffix + ".partial")
        with open(partial, "wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    os.replace(partial, target)


def install(given):
    if is_installed():
        say("is there already")
        return
    for package, version, integrity, member, place in parts():
        unpack(archive_of(package, version, integrity, given), member, TARGET / place)
    (TARGET / "made_from.txt").write_text(stamp())
    say(f"{HEADER[1]} is in {TARGET.relative_to(ROOT)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="given", metavar="DIR", help="a folder that holds the two .tgz archives")
    parser.add_argument("--installed", action="store_true", help="exit 0 when there is nothing to do, else 1")
    parser.add_argument("--can-fetch", action="store_true", help="exit 0 when a source is at hand, else 1")
    options = parser.parse_args()
    try:
        if options.installed:
            return 0 if is_installed() else 1
        if options.can_fetch:
            return 0 if can_fetch() else 1
        install(options.given)
    except (Failure, KeyError, tarfile.TarError) as error:
        print(f"duckdb: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
