"""What the command line and the plain HTTP paths promise, with and without a running server."""

import fcntl
import json
import re
import socket
import subprocess
import threading
import time

from harness.wire import Connection, request

COMMANDS = [
    ["serve"], ["app"], ["app", "create"], ["app", "set"], ["app", "show"], ["app", "key"], ["app", "key", "add"], ["app", "key", "set"],
    ["app", "key", "list"], ["app", "key", "revoke"], ["app", "list"], ["app", "delete"], ["token"], ["token", "create"],
    ["token", "list"], ["token", "revoke"], ["sql"], ["kpi"], ["report"], ["flush"], ["status"], ["tail"], ["export"], ["rejected"], ["rejected", "list"],
    ["rejected", "show"], ["rejected", "replay"], ["rebuild"], ["journal"], ["journal", "verify"], ["journal", "cat"],
]  # fmt: skip

REFUSED_SQL = [
    "DELETE FROM event",
    "SELECT 1; SELECT 2",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "ATTACH '/tmp/x.db'",
    "PRAGMA version",
    "SET memory_limit = '1GB'",
    "EXPLAIN ANALYZE SELECT 1",
    "INSTALL httpfs",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELEC 1",
]


def ask(server, method, target, headers=(), body=b""):
    with Connection(server.host, server.port) as connection:
        connection.send(request(method, target, list(headers), body, server.address))
        return connection.receive(method)


def one_line_error(done, status):
    """Exit status as expected, nothing on standard output, one line on standard error."""
    lines = done.stderr.strip().split("\n")
    return done.returncode == status and len(lines) == 1 and lines[0] != "" and done.stdout == ""


def told(done):
    return f"exit {done.returncode}\nstdout: {done.stdout[:300]}\nstderr: {done.stderr[:300]}"


def check_usage(report, server):
    """Needs no server and no data directory."""
    for words in COMMANDS:
        done = server.run(*words, "--help", data=False)
        good = done.returncode == 0 and done.stderr == "" and len(done.stdout) > 40
        report.check(f"{' '.join(words)} --help", good, told(done))
    for words in ([], ["nonsense"], ["sql"], ["app", "create"], ["flush", "--timeout", "soon"], ["app", "create", "a", "--no-such"]):
        done = server.run(*words, data=False)
        report.check(f"wrong usage: catchment {' '.join(words)}", one_line_error(done, 2), told(done))
    done = server.run("--version", data=False)
    report.check("--version", re.search(r"\d+\.\d+\.\d+", done.stdout) and done.returncode == 0, told(done))


def check_settings(report, server, scratch):
    good, bad = scratch / "good.toml", scratch / "bad.toml"
    good.write_text('[journal]\nsync = "interval"\n')
    bad.write_text("[journal]\nsink = 1\n")
    done = server.run("serve", "--check-config", "--config", str(good))
    report.check("serve --check-config takes a good file", done.returncode == 0, told(done))
    done = server.run("serve", "--check-config", "--config", str(bad))
    good_message = done.returncode != 0 and "sink" in done.stderr
    report.check("serve --check-config names an unknown key", good_message, told(done))


def check_apps(report, server):
    """Runs both beside a server and without one."""
    made = server.create_app("shop", clevertap_account_id="ACC-1", clevertap_passcode="P 1", api_token="tok-1")
    report.equal("app create takes credentials as given", made["clevertap"], {"account_id": "ACC-1", "passcode": "P 1"})
    generated = [made["mobile_analytics"][k] for k in ("app_id", "access_key_id", "secret_access_key")]
    report.check("app create generates the rest", all(generated) and made["segmentstream"]["project_id"], str(made))
    done = server.run("app", "create", "shop")
    report.check("app create refuses a second of that name", one_line_error(done, 1), told(done))
    done = server.run("app", "create", "other", "--api-token", "tok-1")
    report.check("app create refuses another app's credential", one_line_error(done, 1), told(done))
    shown = server.command("app", "show", "shop", "--secrets")
    report.check("app show --secrets shows them again", "P 1" in shown and "tok-1" in shown, shown)
    report.check("app show keeps them back", "P 1" not in server.command("app", "show", "shop"))
    report.check("app list", "shop" in server.command("app", "list"))
    server.command("app", "set", "shop", "time_zone=Europe/Berlin", "limits=quarantine")
    for pair in ("limits=none", "no_such_key=1", "time_zone=Mars/Base"):
        done = server.run("app", "set", "shop", pair)
        report.check(f"app set refuses {pair}", one_line_error(done, 1), told(done))
    check_keys(report, server)
    server.command("app", "delete", "shop")
    done = server.run("app", "show", "shop")
    report.check("app delete", one_line_error(done, 1), told(done))


def check_keys(report, server):
    added = server.command("app", "key", "add", "shop", "--clevertap-account-id", "ACC-1", "--clevertap-passcode", "P 2")
    report.check("app key add prints what it added", "P 2" in added, added)
    listed = server.command("app", "key", "list", "shop")
    report.check("app key list keeps secrets back", "ACC-1" in listed and "P 2" not in listed, listed)
    keys = [line.split()[0] for line in listed.strip().split("\n") if "clevertap" in line]
    report.equal("both CleverTap keys are listed", len(keys), 2)
    if keys:
        server.command("app", "key", "revoke", "shop", keys[0])
        left = server.command("app", "key", "list", "shop")
        report.check("app key revoke", keys[0] not in left and keys[-1] in left, left)


def check_tokens(report, server):
    token = server.command("token", "create", "--role", "analyst")
    report.check("token create prints the token alone", re.fullmatch(r"\S{20,}\n", token), token)
    listed = server.command("token", "list")
    report.check("token list does not show it", token.strip() not in listed and "analyst" in listed, listed)
    identity = next(line.split()[0] for line in listed.split("\n") if "analyst" in line)
    report.equal("a token opens the query API", sql_over_http(server, token.strip(), "SELECT 1 AS one").status, 200)
    server.command("token", "revoke", identity)
    report.equal("a revoked one does not", sql_over_http(server, token.strip(), "SELECT 1 AS one").status, 401)


def sql_over_http(server, token, query):
    headers = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json")]
    return ask(server, "POST", "/api/v1/sql", headers, json.dumps({"sql": query}).encode())


def check_sql(report, server):
    rows = server.sql("SELECT 1 AS a, 'ü' AS b, NULL AS c, 1.5::DOUBLE AS d, TIMESTAMP '2026-01-02 03:04:05.6' AS e, '{\"x\": [1]}'::JSON AS f")
    expected = [{"a": 1, "b": "ü", "c": None, "d": 1.5, "e": "2026-01-02 03:04:05.600000", "f": {"x": [1]}}]
    report.equal("sql --format json", rows, expected)
    csv = server.command("sql", "--format", "csv", "SELECT 1 AS a, 'x,\"y\"' AS b")
    report.equal("sql --format csv", csv.replace("\r\n", "\n"), 'a,b\n1,"x,""y"""\n')
    report.check("sql as a table", "one" in server.command("sql", "SELECT 1 AS one"))
    report.equal("no rows are an empty array", server.sql("SELECT 1 AS a WHERE false"), [])
    for query in REFUSED_SQL:
        done = server.run("sql", query)
        report.check(f"sql refuses {query}", one_line_error(done, 1), told(done))


def check_api_sql(report, server):
    token = server.command("token", "create", "--role", "admin").strip()
    answer = sql_over_http(server, token, "SELECT 42 AS n")
    report.check("POST /api/v1/sql", answer.status == 200 and b"42" in answer.body, answer)
    report.equal("a refused statement is 400", sql_over_http(server, token, "DELETE FROM event").status, 400)
    report.equal("no token is 401", ask(server, "POST", "/api/v1/sql", [], b'{"sql": "SELECT 1"}').status, 401)
    report.equal("a wrong token is 401", sql_over_http(server, "wrong", "SELECT 1").status, 401)
    bound = server.command("token", "create", "--role", "analyst", "--app", "e2e").strip()
    report.equal("a token of one app runs no SQL", sql_over_http(server, bound, "SELECT 1").status, 403)


def check_pages(report, server):
    for path, words in (("/", "Catchment"), ("/ping", ""), ("/health", ""), ("/metrics", "# TYPE")):
        answer = ask(server, "GET", path)
        report.check(f"GET {path}", answer.status == 200 and words in answer.body.decode(), answer)
        report.check(f"GET {path} carries Date", answer.header("Date"), answer)
    report.equal("an unknown path is 404", ask(server, "GET", "/no/such").status, 404)
    report.equal("HEAD answers without a body", ask(server, "HEAD", "/").status, 200)


def check_origins(report, server):
    origin = "https://shop.example"
    server.command("app", "set", "e2e", f"cors_origins={origin}")
    asked = [("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type")]
    for path in ("/collect?appId=e2e", "/1/upload", "/2014-06-05/events", "/track"):
        answer = ask(server, "OPTIONS", path, [("Origin", origin), *asked])
        allowed = answer.header("Access-Control-Allow-Origin")
        report.check(f"OPTIONS {path}", answer.status in (200, 204) and allowed in (origin, "*"), answer)
        answer = ask(server, "OPTIONS", path, [("Origin", "https://evil.example"), *asked])
        stranger = answer.header("Access-Control-Allow-Origin")
        report.check(f"OPTIONS {path} from a stranger", stranger in (None, "*"), answer)
        good = stranger is None or answer.header("Access-Control-Allow-Credentials") is None
        report.check(f"OPTIONS {path} never allows everybody with credentials", good, answer)
    server.command("app", "set", "e2e", "cors_origins=")


def check_tail(report, server, shot):
    """`tail` shows what arrives while it runs."""
    process = subprocess.Popen(
        [server.program, "tail", "--data", str(server.data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    found = []
    reader = threading.Thread(target=lambda: found.append(process.stdout.readline()), daemon=True)
    reader.start()
    deadline = time.monotonic() + 10 * server.slow
    while time.monotonic() < deadline and not found:
        shot()
        reader.join(0.3)
    process.terminate()
    process.wait()
    report.check("tail prints an event as it arrives", found and found[0].strip(), process.stderr.read())


def check_without_server(report, server):
    """The same commands open the data directory themselves; a socket left behind does not mislead them."""
    report.check("no server runs", not server.running)
    report.equal("sql opens the directory itself", server.value("SELECT count(*) > 0 AS n FROM event"), True)
    report.check("status without a server", server.status()["apps"])
    report.check("journal verify", server.run("journal", "verify").returncode == 0, told(server.run("journal", "verify")))
    lines = server.command("journal", "cat").strip().split("\n")
    report.check("journal cat prints a record a line", len(lines) > 10, lines[:2])
    done = server.run("rejected", "replay", "--code", "no_such_code")
    report.check("rejected replay with nothing to do says so", done.returncode == 0 and "nothing" in done.stdout, told(done))
    check_wrong_directory(report, server)
    check_apps(report, server)
    check_waits_for_lock(report, server)


def check_wrong_directory(report, server):
    """A mistyped --data is named, not made."""
    wrong = server.data.parent / "mistyped"
    for words in (["sql", "SELECT 1"], ["status"], ["app", "list"], ["token", "create"]):
        done = server.run(*words, "--data", str(wrong), data=False)
        report.check(f"{words[0]} names a --data that is no data directory", one_line_error(done, 1) and str(wrong) in done.stderr, told(done))
    report.check("and does not make it", not wrong.exists())


def check_waits_for_lock(report, server):
    """While another process has the directory for a moment, a command waits for it."""
    with open(server.data / "LOCK", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        threading.Timer(1.0, lambda: fcntl.flock(lock, fcntl.LOCK_UN)).start()
        before = time.monotonic()
        done = server.run("sql", "--format", "csv", "SELECT 1 AS one")
        waited = time.monotonic() - before
    report.check("a command waits for the lock", done.returncode == 0 and waited > 0.9, f"{waited:.1f} s, {told(done)}")


def check_stale_socket(report, server):
    """After kill -9 the socket file is still there and nobody listens."""
    stale = server.data / "catchment.sock"
    if not stale.exists():
        holder = socket.socket(socket.AF_UNIX)
        holder.bind(str(stale))
        holder.close()
    report.check("a socket left behind is no running server", server.value("SELECT 1 AS n") == 1)


def check_lock(report, server):
    """A second server on the same directory is refused; a command waits for a short holder."""
    done = server.run("serve", "--listen", "127.0.0.1:0", timeout=120)
    report.check("a second server on the directory is refused", one_line_error(done, 1), told(done))
