"""Clients written for Node: installed with npm below build/clients, and driven by lines of JSON."""

import contextlib
import itertools
import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path

from bench import Skip

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent.parent / "build" / "clients"
NPM = ["--legacy-peer-deps", "--no-audit", "--no-fund", "--ignore-scripts", "--omit-lockfile-registry-resolved", "--loglevel=error"]

LOCKS, LOCKS_LOCK = {}, threading.Lock()


class ClientError(Exception):
    """What the client threw or rejected with: its name, message and code."""

    def __init__(self, error):
        super().__init__(f"{error.get('name')}: {error.get('message')}")
        self.error = error


def package_of(folder):
    return json.loads((HERE / folder / "package.json").read_text(encoding="utf-8"))


def version_of(folder, package):
    """The exact version that package.json asks for."""
    return package_of(folder)["dependencies"][package]


def lock_of(folder):
    """Clients run in threads, and some use the folder of another."""
    with LOCKS_LOCK:
        return LOCKS.setdefault(folder, threading.RLock())


def placed(folder):
    """The folder below build/clients where the client stands, with its files of here."""
    target = BUILT / folder
    target.mkdir(parents=True, exist_ok=True)
    for file in [*(HERE / folder).iterdir(), *HERE.glob("*.mjs")]:
        if file.is_file() and file.name != "client.py":
            copy_changed(file, target / file.name)
    return target


def copy_changed(file, target):
    """Leaves alone what another client may be reading."""
    if not target.is_file() or target.read_bytes() != file.read_bytes():
        shutil.copy(file, target)


def installed(folder):
    """The same with its packages; Skip when they cannot be had."""
    with lock_of(folder):
        target = placed(folder)
        if shutil.which("npm") is None:
            raise Skip("npm is not installed")
        lock = (target / "package-lock.json").read_bytes()
        stamp = target / "installed.lock"
        if not stamp.is_file() or stamp.read_bytes() != lock:
            npm(target, "ci", "--prefer-offline")
            stamp.write_bytes(lock)
        return target


def npm(folder, *arguments):
    with contextlib.suppress(FileNotFoundError):
        (folder / "installed.lock").unlink()
    try:
        done = subprocess.run(
            ["npm", *arguments, *NPM], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise Skip(f"npm {arguments[0]} did not end within 300 s") from late
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("npm error")] or ["npm error unknown"]
        raise Skip(f"npm {arguments[0]}: {lines[0].removeprefix('npm error ')}")


def lock(folder):
    """Writes package-lock.json anew from package.json."""
    target = BUILT / f"{folder}-lock"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(HERE / folder / "package.json", target)
    npm(target, "install", "--package-lock-only")
    text = (target / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved": "http' not in text, "the lock file names the registry"
    (HERE / folder / "package-lock.json").write_text(text, encoding="utf-8")
    shutil.rmtree(target)


def browser(folder, script="browsed.mjs", **given):
    """The driver of a script that runs Chromium."""
    if not Path("/usr/bin/chromium").exists():
        raise Skip("/usr/bin/chromium is not installed")
    return Driver(folder, script, **given)


class Driver:
    """A script for Node, or a command, that serves calls of Python: one JSON line each way. What it prints otherwise is in its log."""

    def __init__(self, folder, script="driven.mjs", environment=None, log=None):
        self.log = Path(log)
        self.output = open(self.log, "wb")
        command = script if isinstance(script, list) else ["node", script]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.output, env=environment
        )
        self.numbers = itertools.count(1)
        self.answers = {}
        self.guard = threading.Lock()
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join(5)
        self.process.stdout.close()
        self.output.close()

    def listen(self):
        for line in self.process.stdout:
            answer = json.loads(line)
            self.box(answer["id"]).put(answer)
        with self.guard:
            waiting = list(self.answers.values())
        for box in waiting:
            box.put({"error": {"name": "Ended", "message": f"the driver ended: {self.log_tail()}"}})

    def box(self, number):
        with self.guard:
            return self.answers.setdefault(number, queue.Queue())

    def begin(self, call, *arguments):
        """Starts a call and does not wait; `finish` takes its number."""
        number = next(self.numbers)
        self.box(number)
        self.process.stdin.write(json.dumps({"id": number, "call": call, "arguments": arguments}).encode() + b"\n")
        self.process.stdin.flush()
        return number

    def finish(self, number, timeout=60):
        try:
            answer = self.box(number).get(timeout=timeout)
        except queue.Empty as late:
            raise ClientError({"name": "Timeout", "message": f"no answer of the driver in {timeout} s; {self.log_tail()}"}) from late
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer["value"]

    def call(self, name, *arguments, timeout=60):
        return self.finish(self.begin(name, *arguments), timeout)

    def log_tail(self, lines=8):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
