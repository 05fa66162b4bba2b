"""What Catchment is held against, each a process of its own on loopback with a scratch folder: nginx answering 204 to
everything (the ceiling: no server that reads a request and answers does less), nginx writing the bodies to its log, and
Redis appending them to a list with a sync for each.

A peer offers what Subject in subject.py offers too: start(cores), stop(), processes(), before() and after() around a
measurement, and where to send.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import machine

HOST = "127.0.0.1"
READY_S = 10
STOP_S = 20
LOG_FLUSH_S = 1
ECHO_MODULE = Path("/usr/lib/nginx/modules/ngx_http_echo_module.so")

NGINX = """
{load}
daemon off;
{user}
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  root {folder}/none;
  log_not_found off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  client_max_body_size 8m;
  client_body_buffer_size 1m;
  client_body_in_single_buffer on;
  log_format body escape=json '{{"time":$msec,"ip":"$remote_addr","uri":"$request_uri","body":"$request_body"}}';
  server {{
    listen {host}:{port};
    {server}
  }}
}}
"""

CEILING = "location / { return 204; }"

# `return` answers without a look at the body, and $request_body is empty then. A mirror reads the body into memory first;
# what it is mirrored to and what follows cost one internal redirect each. Of what nginx's own modules can do this is the
# cheapest; the usual proxy_pass to an internal location takes three times as long.
LOG = """
    access_log {folder}/access.log body buffer=64k flush={flush}s;
    location / { mirror /mirrored; error_page 404 405 =204 @done; }
    location = /mirrored { internal; access_log off; return 204; }
    location @done { return 204; }
"""

# A module of its own, which Debian's nginx-light brings: nothing known writes bodies for less.
ECHO = """
    access_log {folder}/access.log body buffer=64k flush={flush}s;
    location / { echo_read_request_body; echo_status 204; echo -n ""; }
"""


class PeerFailed(Exception):
    """A peer did not start, or did not do what it is measured for."""


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def wait_listening(process, port, log):
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    text = log.read_text(errors="replace")[-500:] if log.exists() else ""
    raise PeerFailed(f"{process.args[0]} does not listen on port {port}: {text}")


class Peer:
    to, host = "http", HOST
    name = key = program = ""

    def __init__(self, folder):
        self.folder = Path(folder) / self.key
        self.process, self.port, self.cores = None, 0, []

    @classmethod
    def missing(cls):
        """Why it cannot run here, or nothing."""
        return "" if shutil.which(cls.program, path=PATH) else f"{cls.program} is not installed"

    def start(self, cores):
        self.cores = cores
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        with open(self.folder / "out.log", "ab") as log, machine.on_cores(cores):
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_listening(self.process, self.port, self.folder / "out.log")

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def processes(self):
        return [self.process.pid, *machine.children(self.process.pid)]

    def before(self):
        """Right before a measurement: nothing of an earlier one is left to be paid for."""

    def after(self, run):
        """Right after one: holds what was done against what the generator was told."""


PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"


class Nginx(Peer):
    program = "nginx"
    server = CEILING
    load = ""

    def command(self):
        configuration = self.folder / "nginx.conf"
        server = self.server.replace("{folder}", str(self.folder)).replace("{flush}", str(LOG_FLUSH_S))
        configuration.write_text(
            NGINX.format(
                load=self.load,
                user="user root;" if os.geteuid() == 0 else "",
                workers=len(self.cores),
                folder=self.folder,
                host=HOST,
                port=self.port,
                server=server,
            )
        )
        return [shutil.which(self.program, path=PATH), "-c", str(configuration), "-p", str(self.folder)]


class NginxCeiling(Nginx):
    key, name = "nginx-204", "nginx, return 204"


class NginxLog(Nginx):
    key, name, server = "nginx-log", "nginx, body log", LOG

    @property
    def log(self):
        return self.folder / "access.log"

    def before(self):
        # nginx appends, so that it goes on at the new end.
        if self.log.exists():
            os.truncate(self.log, 0)

    def after(self, run):
        deadline = time.monotonic() + 5 * LOG_FLUSH_S
        while (lines := self.lines()) < run.acknowledged_requests and time.monotonic() < deadline:
            time.sleep(0.2)
        if lines < run.acknowledged_requests:
            raise PeerFailed(f"{self.name}: {lines} lines of {run.acknowledged_requests} answered requests")
        with open(self.log, "rb") as log:
            first = json.loads(log.readline())
        if not first["body"]:
            raise PeerFailed(f"{self.name}: the log holds no bodies")
        self.before()

    def lines(self):
        with open(self.log, "rb") as log:
            return sum(block.count(b"\n") for block in iter(lambda: log.read(1 << 20), b""))


class NginxEcho(NginxLog):
    key, name, server = "nginx-echo", "nginx, body log by echo module", ECHO
    load = f"load_module {ECHO_MODULE};"

    @classmethod
    def missing(cls):
        return super().missing() or ("" if ECHO_MODULE.exists() else f"{ECHO_MODULE} does not exist")


class Redis(Peer):
    key, name, program, to = "redis", "Redis, LPUSH, synced", "redis-server", "redis"

    def command(self):
        options = {
            "bind": HOST,
            "port": str(self.port),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
            "auto-aof-rewrite-percentage": "0",
            "daemonize": "no",
        }
        words = [word for key, value in options.items() for word in ("--" + key, value)]
        return [shutil.which(self.program, path=PATH), *words]

    def before(self):
        """A list kept from before would only cost memory; its file is begun anew."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.start(self.cores)

    def after(self, run):
        calls = 0
        for line in self.ask("INFO commandstats").splitlines():
            if line.startswith("cmdstat_lpush:"):
                calls = int(line.partition("calls=")[2].partition(",")[0])
        if calls < run.acknowledged_requests:
            raise PeerFailed(f"{self.name}: {calls} pushes, {run.acknowledged_requests} answered")
        if "appendonly\r\n$3\r\nyes" not in self.ask("CONFIG GET appendonly"):
            raise PeerFailed(f"{self.name}: it writes no file")

    def ask(self, command):
        """The raw reply; a command as a line of text is enough for questions."""
        with socket.create_connection((HOST, self.port), 10) as connection:
            connection.sendall(command.encode() + b"\r\nQUIT\r\n")
            reply = b""
            while block := connection.recv(65536):
                reply += block
        return reply.decode(errors="replace")


KINDS = [NginxCeiling, NginxLog, NginxEcho, Redis]
