"""Clients through nginx, set up as docs/operate/running.md says: TLS, HTTP/2, below a path, with the client's address
in X-Forwarded-For. The same tests as without it, and what only a proxy can get wrong."""

import base64
import getpass
import json
import re
import shutil
import socket
import subprocess
import time
import uuid
from pathlib import Path

from bench import APP, CREDENTIALS, Skip, equal, holds, load, until
from harness.sigv4 import Signer
from harness.wire import Connection, request
from node import browser, installed

CLIENT = "behind nginx"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "operate" / "running.md"
PREFIX = "/analytics"
PROXY = "127.0.0.9"  # the address that nginx connects from
CLIENT_ADDRESS = "127.0.0.7"
STRANGER = "127.0.0.8"
SETTINGS = f"""
[server]
trusted_proxies = ["{PROXY}"]
[paths]
clickstream = "{PREFIX}/collect"
clevertap = "{PREFIX}/1/upload"
mobile_analytics = "{PREFIX}/2014-06-05/events"
segmentstream = "{PREFIX}/track"
"""


def program():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def version():
    if program() is None:
        return ""
    done = subprocess.run([program(), "-v"], capture_output=True, text=True, timeout=60, check=False)
    return done.stderr.rpartition("/")[2].strip()


class Nginx:
    def __init__(self, bench):
        self.folder = bench.scratch / "nginx"
        self.folder.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.certificate = self.folder / "events.pem"
        self.make_certificate()
        (self.folder / "nginx.conf").write_text(self.configuration(bench.server.address), encoding="utf-8")
        command = [program(), "-p", str(self.folder), "-c", "nginx.conf", "-e", "error.log"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=open(bench.scratch / "nginx.log", "wb"))
        bench.closing.callback(self.stop)
        until("nginx listens", self.listens)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def listens(self):
        holds("nginx runs", self.process.poll() is None, (self.folder / "error.log").read_text()[-500:] if self.process.poll() else "")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def make_certificate(self):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        command += ["-addext", "subjectAltName=DNS:localhost", "-out", str(self.certificate), "-keyout", str(self.folder / "events.key")]
        subprocess.run(command, capture_output=True, timeout=60, check=True)

    def configuration(self, upstream):
        """The server block of the page with this machine's ports and files in it."""
        block = re.search(r"^    server \{\n.*?^    \}\n", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL).group(0)
        for old, new in (
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("server_name events.example.com", "server_name localhost"),
            ("/etc/ssl/events.pem", str(self.certificate)),
            ("/etc/ssl/events.key", str(self.folder / "events.key")),
            ("http://127.0.0.1:8080", f"http://{upstream}"),
            ("location / {", f"location {PREFIX}/ {{\n        proxy_bind {PROXY};"),
        ):
            holds(f"the page has {old}", old in block)
            block = block.replace(old, new)
        paths = "".join(f"  {kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return (
            f"daemon off;\nmaster_process off;\nuser {getpass.getuser()};\npid nginx.pid;\nevents {{}}\nhttp {{\n{paths}"
            f"  log_format seen '$server_protocol $request_method $uri $status';\n  access_log {self.folder}/access.log seen;\n{block}}}\n"
        )

    def seen(self):
        return (self.folder / "access.log").read_text().splitlines()


def run(bench):
    if program() is None:
        raise Skip("nginx is not installed")
    if shutil.which("openssl") is None:
        raise Skip("openssl is not installed, which makes the certificate")
    bench.start(SETTINGS)
    nginx = Nginx(bench)
    bench.front = f"https://localhost:{nginx.port}{PREFIX}"
    bench.variables = {"NODE_EXTRA_CA_CERTS": str(nginx.certificate)}
    addresses(bench, nginx)
    in_chromium(bench, nginx)
    for name in ("clevertap", "aws_sdk"):
        bench.about = f"{name}: "
        load(name).scenarios(bench)
    manager = load("manager")
    bench.about = "manager: "
    manager.in_node(bench, (manager.everything, manager.throttled, manager.down))


def curl(nginx, path, *arguments, address=CLIENT_ADDRESS):
    """HTTP version and status of a request over HTTP/2 from this address."""
    command = ["curl", "--silent", "--show-error", "--http2", "--cacert", str(nginx.certificate), "--interface", address]
    command += ["--resolve", f"localhost:{nginx.port}:127.0.0.1", "--output", "-", "--write-out", "\n%{http_version} %{http_code}"]
    command += [f"https://localhost:{nginx.port}{PREFIX}{path}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    holds("curl ran", done.returncode == 0, done.stderr)
    return done.stdout.splitlines()[-1]


APIS = ("clickstream", "clevertap", "mobile_analytics", "segmentstream")


def four_requests(mark, host):
    """For each API: path, headers, body and documented status of one event named `mark`, signed for `host` where need be."""
    event = [{"event_type": mark, "event_id": str(uuid.uuid4()), "timestamp": int(time.time() * 1000), "app_id": APP, "attributes": {}}]
    record = {"type": "event", "identity": "jane", "evtName": mark, "evtData": {}}
    services = {"mobile_analytics": {"app_id": CREDENTIALS["mobile_analytics_app_id"]}}
    context = {"client": {"client_id": "c", "app_title": "t"}, "env": {"platform": "linux"}, "services": services}
    batch = {"events": [{"eventType": mark, "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "version": "v2.0"}]}
    hit = {"hitId": str(uuid.uuid4()), "event": {"name": mark, "user": {"userId": "u"}}}
    as_json = ("Content-Type", "application/json")
    account = ("X-CleverTap-Account-Id", CREDENTIALS["clevertap_account_id"])
    passcode = ("X-CleverTap-Passcode", CREDENTIALS["clevertap_passcode"])
    token = base64.b64encode(f"{CREDENTIALS['api_token']}:".encode()).decode()
    signer = Signer(CREDENTIALS["aws_access_key_id"], CREDENTIALS["aws_secret_access_key"])
    to_sign = [("Host", host), ("x-amz-Client-Context", json.dumps(context))]
    body = json.dumps(batch).encode()
    _, signed = signer.sign("POST", f"{PREFIX}/2014-06-05/events", to_sign, body, time.time())
    return {
        "clickstream": (f"/collect?appId={APP}", [as_json], json.dumps(event).encode(), 200),
        "clevertap": ("/1/upload", [as_json, account, passcode], json.dumps({"d": [record]}).encode(), 200),
        "mobile_analytics": ("/2014-06-05/events", [as_json, *signed[1:]], body, 202),
        "segmentstream": ("/track", [as_json, ("Authorization", f"Basic {token}")], json.dumps(hit).encode(), 204),
    }


def over_http2(nginx, path, headers, body):
    """HTTP version and status of a request through nginx from the client's address."""
    command = ["curl", "--silent", "--show-error", "--http2", "--cacert", str(nginx.certificate), "--interface", CLIENT_ADDRESS]
    command += ["--resolve", f"localhost:{nginx.port}:127.0.0.1", "--write-out", "\n%{http_version} %{http_code}"]
    command += [part for name, value in headers for part in ("-H", f"{name}: {value}")]
    command += ["--data-binary", "@-", f"https://localhost:{nginx.port}{PREFIX}{path}"]
    done = subprocess.run(command, input=body, capture_output=True, timeout=60, check=False)
    holds("curl ran", done.returncode == 0, done.stderr.decode())
    return done.stdout.decode().splitlines()[-1]


def past_nginx(bench, path, headers, body):
    """Status of a request to the server itself, from a stranger's address."""
    connection = Connection.__new__(Connection)
    connection.socket = socket.create_connection((bench.server.host, bench.server.port), 20, (STRANGER, 0))
    connection.buffer = b""
    with connection:
        connection.send(request("POST", PREFIX + path, headers, body, bench.server.address))
        return connection.receive().status


def stored(bench, mark):
    """What each API's event of this name says about where it came from."""
    return {api: [ip, peer] for api, ip, peer in bench.query(f"SELECT api, ip, peer_ip FROM event WHERE event_name = '{mark}'")}


def addresses(bench, nginx):
    host = f"localhost:{nginx.port}"
    with bench.shows("HTTP/2 by curl, four APIs: the client's address is stored, not nginx's"):
        for path, headers, body, status in four_requests("plain", host).values():
            equal(path, over_http2(nginx, path, headers, body), f"2 {status}")
        equal("ip and peer_ip", stored(bench, "plain"), dict.fromkeys(APIS, [CLIENT_ADDRESS, CLIENT_ADDRESS]))
    spoof = [("X-Forwarded-For", "203.0.113.5")]
    with bench.shows("a client that sends X-Forwarded-For itself: believed by Clickstream alone, as documented"):
        for path, headers, body, status in four_requests("claims", host).values():
            equal(path, over_http2(nginx, path, [*headers, *spoof], body), f"2 {status}")
        expected = dict.fromkeys(APIS, [CLIENT_ADDRESS, CLIENT_ADDRESS])
        equal("ip and peer_ip", stored(bench, "claims"), {**expected, "clickstream": ["203.0.113.5", CLIENT_ADDRESS]})
    bench.server.command("app", "set", APP, "trust_forwarded_for=false")
    with bench.shows("the same with trust_forwarded_for=false: believed by none"):
        for path, headers, body, status in four_requests("off", host).values():
            equal(path, over_http2(nginx, path, [*headers, *spoof], body), f"2 {status}")
        equal("ip and peer_ip", stored(bench, "off"), dict.fromkeys(APIS, [CLIENT_ADDRESS, CLIENT_ADDRESS]))
    with bench.shows("past nginx from an address that is not trusted: no header changes the address"):
        spoof += [("X-Real-IP", "203.0.113.5"), ("Forwarded", "for=203.0.113.5")]
        for path, headers, body, status in four_requests("direct", bench.server.address).values():
            equal(path, past_nginx(bench, path, [*headers, *spoof], body), status)
        equal("ip and peer_ip", stored(bench, "direct"), dict.fromkeys(APIS, [STRANGER, STRANGER]))
    bench.server.command("app", "set", APP, "trust_forwarded_for=true")


def in_chromium(bench, nginx):
    with bench.shows("@aws/clickstream-web in Chromium over HTTP/2: preflights, rows, no console error"):
        folder = installed("clickstream")
        with browser(folder, environment=bench.environment(ANY_CERTIFICATE="1"), log=bench.scratch / "browser.log") as page:
            bench.server.command("app", "set", APP, f"cors_origins={page.call('origin')}")
            clickstream = load("clickstream")
            clickstream.fresh(page)
            clickstream.init(page, bench.url, globalAttributes={"run": "proxied"})
            clickstream.everything(page)
            until("every event is a row", lambda: len(clickstream.names(bench, "proxied")) >= len(clickstream.EXPECTED))
            clickstream.check_rows(bench, "proxied")
            equal("console errors", page.call("complaints"), [])
        seen = set(nginx.seen())
        for line in (f"HTTP/2.0 OPTIONS {PREFIX}/collect 204", f"HTTP/2.0 POST {PREFIX}/collect 200"):
            holds(f"nginx saw {line}", line in seen, sorted(seen))
