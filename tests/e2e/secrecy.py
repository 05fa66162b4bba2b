"""No credential ever shows: not in the log at its most verbose, not in an answer, not in what a command prints, and not
readable in any file of the data directory. Right ones and wrong ones alike: a wrong one is often a right one of somewhere else."""

import base64
import json
import re
import subprocess
import threading
import time
from urllib.parse import quote

from commands import ask
from harness.server import Catchment
from harness.sigv4 import Signer

APP = "secrecy"
CONTENT = ("Content-Type", "application/json")
ACCOUNT, ACCESS_KEY, MOBILE_ID = "ACCOUNT-SECRECY", "AKIDSECRECY", "secrecy-mobile"
# Each is found by one part of it, whatever is put around it or how its other characters are escaped.
PASSCODE, WRONG_PASSCODE = "passcodeRight71", "passcodeWrong72"
SECRET, WRONG_SECRET = "secretKeyRight73/+=", "secretKeyWrong74/+="
SESSION, WRONG_SESSION = "sessionTokenRight75/+=", "sessionTokenWrong76/+="
API_TOKEN, WRONG_API_TOKEN = "apiTokenRight77", "apiTokenWrong78"
COOKIE, WRONG_COOKIE = "cookieRight79", "cookieWrong80"
WRONG_BEARER = "bearerWrong81"
FAILING_SQL = [
    "SELEC 1",
    "SELECT * FROM no_such_table",
    "SELECT no_such_column FROM event",
    "SELECT CAST(event_name AS INTEGER) FROM event",
    "SELECT error(CAST(e AS VARCHAR)) FROM ingestion_events e",
    "SELECT error(CAST(e AS VARCHAR)) FROM rejected_event e",
    "SELECT getenv('CATCHMENT_LOG_LEVEL')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM read_text('secret.key')",
    "SELECT * FROM sqlite_scan('registry.db', 'credential')",
]


class Watch:
    """The secrets, and everything that was seen, by where it was seen."""

    def __init__(self):
        self.secrets = {}
        self.seen = {}

    def secret(self, name, *texts):
        """A secret and the forms in which it may travel."""
        for text in texts:
            self.secrets[text] = name

    def saw(self, where, text):
        data = text.encode() if isinstance(text, str) else text
        self.seen[where] = self.seen.get(where, b"") + data + b"\n"

    def check(self, report):
        for where, data in self.seen.items():
            shown = sorted({name for text, name in self.secrets.items() if text.encode() in data})
            report.check(f"{where} shows no secret", not shown, f"it shows {', '.join(shown)}")


def watched_secrets():
    watch = Watch()
    for name, text in (
        ("the passcode", PASSCODE),
        ("the wrong passcode", WRONG_PASSCODE),
        ("the secret access key", SECRET),
        ("the wrong secret access key", WRONG_SECRET),
        ("the session token", SESSION),
        ("the wrong session token", WRONG_SESSION),
        ("the API token", API_TOKEN),
        ("the wrong API token", WRONG_API_TOKEN),
        ("the cookie", COOKIE),
        ("the wrong cookie", WRONG_COOKIE),
        ("the wrong bearer token", WRONG_BEARER),
    ):
        watch.secret(name, text, text.rstrip("/+="), basic(text), base64.b64encode(text.encode()).decode().rstrip("="))
    return watch


def basic(token):
    return base64.b64encode(f"{token}:".encode()).decode()


def show(watch, server, what, method, target, headers=(), body=b""):
    """Sends a request; its answer is watched. The status."""
    answer = ask(server, method, target, headers, body)
    head = f"{answer.version} {answer.status} {answer.reason} {answer.headers}"
    watch.saw(f"the answer to {what}", head.encode() + b"\n" + answer.body)
    return answer.status


def clickstream(watch, server, statuses):
    body = json.dumps([{"event_type": "seen", "event_id": "s1", "timestamp": 1_790_000_000_000, "app_id": APP, "unique_id": "d"}])
    for what, target, cookie, status in (
        ("Clickstream", f"/collect?appId={APP}", f"session={COOKIE}", 200),
        ("Clickstream with a wrong cookie", f"/collect?appId={APP}", f"session={WRONG_COOKIE}", None),
        ("Clickstream of nobody", "/collect?appId=nobody", f"session={COOKIE}", 403),
    ):
        statuses.append((what, show(watch, server, what, "POST", target, [CONTENT, ("Cookie", cookie)], body.encode()), status))


def clevertap(watch, server, statuses):
    good = b'{"d":[{"type":"event","evtName":"seen","identity":"i","evtData":{}}]}'
    for what, account, passcode, body, status in (
        ("CleverTap", ACCOUNT, PASSCODE, good, 200),
        ("CleverTap with a wrong passcode", ACCOUNT, WRONG_PASSCODE, good, 401),
        ("CleverTap of another account", "ACCOUNT-UNKNOWN", PASSCODE, good, 401),
        ("CleverTap with a broken body", ACCOUNT, PASSCODE, b'{"d":[', 400),
    ):
        headers = [("X-CleverTap-Account-Id", account), ("X-CleverTap-Passcode", passcode), ("Authorization", f"Bearer {WRONG_BEARER}")]
        statuses.append((what, show(watch, server, what, "POST", "/1/upload", [*headers, CONTENT], body), status))


def signed(watch, what, signer, query_form, method, target, headers, body, server):
    """Target and headers; the signature is one more secret, for it opens the door as long as it is fresh."""
    headers = [("Host", server.address), *headers]
    sign = signer.sign_query if query_form else signer.sign
    target, headers = sign(method, target, headers, body, time.time())
    found = re.search(r"Signature=([0-9a-f]{64})", f"{target} {headers}")
    watch.secret(f"the signature of {what}", found.group(1))
    return target, headers


def mobile_signers():
    yield "", Signer(ACCESS_KEY, SECRET, SESSION), 202
    yield " with a wrong secret", Signer(ACCESS_KEY, WRONG_SECRET, SESSION), 403
    yield " with a wrong session token", Signer(ACCESS_KEY, SECRET, WRONG_SESSION), 403
    yield " of an unknown key", Signer("AKIDUNKNOWN", SECRET, SESSION), 403


def mobile(watch, server, statuses):
    context = {
        "client": {"client_id": "c", "app_title": "t", "app_version_name": "1"},
        "env": {"platform": "android", "make": "m", "model": "m", "locale": "en_US"},
        "services": {"mobile_analytics": {"app_id": MOBILE_ID}},
    }
    event = {"eventType": "seen", "timestamp": "2026-09-30T19:07:47.885Z", "version": "v2.0", "attributes": {}, "metrics": {}}
    event["session"] = {"id": "s", "startTimestamp": "2026-09-30T19:00:00.000Z"}
    good, bad = json.dumps({"events": [event]}).encode(), b'{"events": ['
    given = [CONTENT, ("x-amz-Client-Context", json.dumps(context))]
    for form in ("header", "query"):
        for how, signer, status in mobile_signers():
            for kind, body in (("", good), (", broken,", bad)):
                what = f"Mobile Analytics{kind} signed in the {form}{how}"
                target, headers = signed(watch, what, signer, form == "query", "POST", "/2014-06-05/events", given, body, server)
                # A header that is no signature does not hide that the query is one.
                headers = headers if form == "header" else [*headers, ("Authorization", f"Bearer {WRONG_BEARER}")]
                expected = 400 if kind and status == 202 else status
                statuses.append((what, show(watch, server, what, "POST", target, headers, body), expected))
            what = f"a KPI signed in the {form}{how}"
            target, headers = signed(watch, what, signer, form == "query", "GET", f"/2016-07-01/apps/{MOBILE_ID}/kpis/dau/count", [], b"", server)
            statuses.append((what, show(watch, server, what, "GET", target, headers), 200 if status == 202 else status))


def segment(watch, server, statuses):
    good = b'{"event": {"name": "seen", "user": {"anonymousId": "a"}}}'
    for what, authorization, body, status in (
        ("SegmentStream", "Basic " + basic(API_TOKEN), good, 204),
        ("SegmentStream with a wrong token", "Basic " + basic(WRONG_API_TOKEN), good, 401),
        ("SegmentStream with a token as Bearer", "Bearer " + WRONG_API_TOKEN, good, 401),
        ("SegmentStream with text that is no base64", "Basic " + WRONG_API_TOKEN + "!", good, 401),
        ("SegmentStream with a broken body", "Basic " + basic(API_TOKEN), b"{", 400),
    ):
        statuses.append((what, show(watch, server, what, "POST", "/track", [CONTENT, ("Authorization", authorization)], body), status))


def queries(watch, server, statuses, tokens):
    for role, token in tokens.items():
        watch.secret(f"the token of an {role}", token)
    for who, token in (*tokens.items(), ("stranger", WRONG_BEARER)):
        headers = [CONTENT, ("Authorization", f"Bearer {token}")]
        for path in ("status", "apps", f"apps/{APP}/kpis/dau/count", f"apps/{APP}/kpis/none/count", "receipts/1", "no/such"):
            show(watch, server, f"GET /api/v1/{path} of an {who}", "GET", f"/api/v1/{path}", headers)
        what = f"GET of an {who} with the token in the query"
        target = f"/api/v1/status?access_token={token}&token={quote(token)}"
        statuses.append((what, show(watch, server, what, "GET", target), 401))
        for sql in FAILING_SQL:
            show(watch, server, f"{sql} of an {who}", "POST", "/api/v1/sql", headers, json.dumps({"sql": sql}).encode())
    for path in ("/", "/health", "/metrics", f"/nowhere?token={WRONG_BEARER}"):
        show(watch, server, f"GET {path.partition('?')[0]}", "GET", path, [("Authorization", f"Bearer {WRONG_BEARER}")])


def commands(watch, server):
    for words in (
        ["app", "show", APP], ["app", "list"], ["app", "key", "list", APP], ["token", "list"], ["status"], ["status", "--json"],
        ["app", "create", "other", "--api-token", API_TOKEN], ["app", "create", APP, "--clevertap-passcode", WRONG_PASSCODE],
        ["app", "key", "add", "nobody", "--aws-access-key-id", "A", "--aws-secret-access-key", WRONG_SECRET],
        ["app", "set", "nobody", f"auth_cookie={WRONG_COOKIE}"], ["token", "revoke", "nobody"], ["rejected", "list"],
        ["rejected", "show", "1"], ["journal", "verify"], *(["sql", sql] for sql in FAILING_SQL),
    ):  # fmt: skip
        run(watch, server, words)


def reading(watch, server):
    """What shows everything that was kept."""
    run(watch, server, ["journal", "cat"])
    for table in ("ingestion_events", "rejected_event", "event"):
        run(watch, server, ["sql", "--format", "json", f"SELECT * FROM {table}"])


def run(watch, server, words):
    done = server.run(*words)
    watch.saw(f"catchment {' '.join(words)}"[:90], done.stdout + done.stderr)


class Tail:
    """`catchment tail` beside the requests."""

    def __init__(self, server):
        command = [server.program, "tail", "--data", str(server.data)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.text = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.text += line

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.reader.join()
        return self.text


def make_app(server):
    server.create_app(
        APP,
        clevertap_account_id=ACCOUNT,
        clevertap_passcode=PASSCODE,
        mobile_analytics_app_id=MOBILE_ID,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET,
        aws_session_token=SESSION,
        api_token=API_TOKEN,
    )
    server.command("app", "set", APP, f"auth_cookie=session={COOKIE}")
    roles = {"admin": ["--role", "admin"], "analyst": ["--role", "analyst"], "analyst of the app": ["--role", "analyst", "--app", APP]}
    return {name: server.command("token", "create", *words).strip() for name, words in roles.items()}


def requests(watch, server):
    """(what, status, the status it should have) of all four APIs and the query API."""
    statuses, tokens, tail = [], make_app(server), Tail(server)
    for send in (clickstream, clevertap, mobile, segment):
        send(watch, server, statuses)
    server.flush()
    queries(watch, server, statuses, tokens)
    watch.saw("catchment tail", tail.end())
    return statuses


def check_secrecy(report, program, scratch, slow):
    report.begin("secrecy")
    watch, statuses = watched_secrets(), []
    for log_format in ("text", "json"):
        environment = {"CATCHMENT_LOG_LEVEL": "debug", "CATCHMENT_LOG_FORMAT": log_format}
        server = Catchment(scratch / f"secrecy-{log_format}", program, environment=environment, slow=slow)
        with server:
            statuses += requests(watch, server)
            if log_format == "text":
                commands(watch, server)
                reading(watch, server)
        watch.saw(f"the log as {log_format}", server.log.read_bytes())
    reading(watch, server)
    for path in sorted(p for p in server.data.rglob("*") if p.is_file()):
        # The registry keeps credentials encrypted; the cookie of Clickstream is a setting.
        data = path.read_bytes().rstrip(b"\0")  # space laid out for the journal
        if path.name == "registry.db":
            data = data.replace(COOKIE.encode(), b"")
        watch.saw(f"the file {path.relative_to(server.data)}", data)
    wrong = [f"{what}: {got}, not {status}" for what, got, status in statuses if status is not None and got != status]
    report.check("right and wrong credentials are told apart", not wrong, "\n".join(wrong))
    watch.check(report)
    report.done()
