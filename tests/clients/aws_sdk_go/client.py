"""The AWS client for Go against PutEvents: the tests of the JavaScript client, by another implementation."""

import re
import shutil
import subprocess

from bench import Skip, holds, load
from node import HERE, Driver, placed

CLIENT = "aws-sdk-go MobileAnalytics (Go)"


def version():
    text = (HERE / "aws_sdk_go" / "go.mod").read_text(encoding="utf-8")
    return re.search(r"aws-sdk-go v(\S+)", text).group(1)


def go(folder, *arguments):
    try:
        return subprocess.run(
            ["go", *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise Skip(f"go {arguments[0]} did not end within 600 s") from late


def built():
    """The folder with the driver in it; Skip when its module cannot be had."""
    folder = placed("aws_sdk_go")
    if shutil.which("go") is None:
        raise Skip("go is not installed")
    downloaded = go(folder, "mod", "download")
    if downloaded.returncode != 0:
        raise Skip(f"go mod download: {(downloaded.stderr.strip().splitlines() or ['failed'])[-1]}")
    done = go(folder, "build", "-mod=readonly", "-o", "driven", ".")
    holds("the driver compiles", done.returncode == 0, done.stderr)
    return folder


def run(bench):
    folder = built()
    bench.start()
    javascript = load("aws_sdk")
    javascript.add_temporary_keys(bench)
    with Driver(folder, ["./driven"], environment=bench.environment(), log=bench.scratch / "driver.log") as client:
        for scenario in (javascript.accepted, javascript.contexts, javascript.refused, javascript.down):
            scenario(bench, client)
