"""The Mobile Analytics manager for JavaScript, in Node and in Chromium: sessions, events, and what it does when the
server pushes back, is down, or its answers are lost. No batch may be dropped, none may count twice."""

from bench import APP, CREDENTIALS, equal, holds, until
from gate import Gate
from node import Driver, browser, installed, version_of

CLIENT = "aws-sdk-mobile-analytics"
FULL = '[journal]\nreserve = "900TiB"\n'  # no disk has that much free: every request is pushed back


def version():
    return f"{version_of('manager', 'aws-sdk-mobile-analytics')} on aws-sdk {version_of('manager', 'aws-sdk')}"


def run(bench):
    folder = installed("manager")
    bench.start()
    in_node(bench, (everything, throttled, down, many, answers_lost))
    clock(bench, folder)
    with browser(folder, log=bench.scratch / "chromium.log") as client:
        origin = client.call("origin")
        bench.server.command("app", "set", APP, f"cors_origins={origin}")
        for scenario in (everything, throttled, down, answers_lost, closed, clock_of_a_page):
            client.call("open", "/")
            client.call("forget")
            client.call("open", "/")
            scenario(bench, client, "Chromium")


def in_node(bench, scenarios):
    folder = installed("manager")
    for scenario in scenarios:
        # All managers of one process share what they keep, so each scenario has its own.
        with Driver(folder, environment=bench.environment(), log=bench.scratch / f"{scenario.__name__}.log") as client:
            scenario(bench, client, "Node")


def begin(client, url, person, **options):
    keys = {"accessKeyId": CREDENTIALS["aws_access_key_id"], "secretAccessKey": CREDENTIALS["aws_secret_access_key"]}
    given = {
        "appId": CREDENTIALS["mobile_analytics_app_id"],
        "platform": "Linux",
        "appTitle": "Game",
        "clientId": person,
        "autoSubmitInterval": 1100,
        **options,
    }
    client.call("init", {"endpoint": url, "keys": keys, "manager": given})


def empty(client):
    """True once the manager keeps nothing any more."""
    return client.call("state")["kept"] == 0


def names(bench, person):
    sql = f"SELECT event_name FROM event WHERE user_pseudo_id = '{person}' ORDER BY event_timestamp, event_name"
    return [row[0] for row in bench.query(sql)]


def duplicates(bench):
    return bench.books("mobile_analytics").get("duplicate", 0)


def everything(bench, client, where):
    person = f"all-{where}"
    with bench.shows(f"{where}: sessions, custom and monetisation events, global attributes; their rows"):
        begin(client, bench.url, person, globalAttributes={"build": "beta"}, globalMetrics={"load": 0.5})
        client.call("record", "LevelComplete", {"Name": "Уровень 1", "Retries": 3}, {"Score": 12345.5})
        client.call("buy", {"productId": "gem", "price": 1.99, "currency": "EUR", "quantity": 2})
        client.call("buy", {"productId": "coin", "price": "$0.99", "quantity": 1})
        client.call("renew")
        client.call("stop")
        until("everything is submitted", lambda: empty(client))
        equal("the submissions", set(client.call("state")["codes"]), {"stored"})
        expected = ["LevelComplete", *["_monetization.purchase"] * 2, *["_session.start"] * 2, *["_session.stop"] * 2]
        equal("the rows", sorted(names(bench, person)), expected)
        about = f"FROM event WHERE user_pseudo_id = '{person}' AND event_name ="
        sql = f"SELECT attributes->>'Name' AS a, attributes->>'Retries' AS b, attributes->>'build' AS c, metrics->'Score' AS d {about} 'LevelComplete'"
        equal("the custom event", bench.query(sql), [["Уровень 1", "3", "beta", 12345.5]])
        sql = f"SELECT event_value, currency, metrics->'_quantity' AS n {about} '_monetization.purchase' ORDER BY 3"
        equal("the purchases", bench.query(sql), [[None, None, 1], [1.99, "EUR", 2]])
        sql = f"SELECT count(DISTINCT session_id) AS n, min(session_duration_ms) >= 0 AS told, min(sdk_name) AS sdk {about} '_session.stop'"
        equal("the sessions", bench.query(sql), [[2, True, "aws-sdk-mobile-analytics-js"]])
        if where == "Chromium":
            equal("console errors", client.call("complaints"), [])


def throttled(bench, client, where):
    person = f"throttled-{where}"
    with bench.shows(f"{where}: server has no room: throttled, keeps its batches; room again: all sent once"):
        before = duplicates(bench)
        bench.restart(FULL)
        begin(client, bench.url, person)
        client.call("record", "one")
        until("it is throttled", lambda: client.call("state")["throttled"])
        client.call("record", "two")
        equal("how it was told", set(client.call("state")["codes"]), {"ThrottlingException"})
        bench.restart()
        until("everything is submitted", lambda: empty(client))
        equal("the rows", sorted(names(bench, person)), ["_session.start", "one", "two"])
        equal("duplicates", duplicates(bench) - before, 0)
        client.call("complaints") if where == "Chromium" else None


def down(bench, client, where):
    person = f"down-{where}"
    with bench.shows(f"{where}: server down: keeps its batches; up again: all sent once"):
        before = duplicates(bench)
        begin(client, bench.url, person)
        client.call("record", "before")
        until("the first batch is stored", lambda: empty(client))
        bench.server.stop()
        client.call("record", "while down")
        until("a submission fails", lambda: client.call("state")["codes"][-1:] not in ([], ["stored"]))
        client.call("record", "later")
        bench.restart()
        until("everything is submitted", lambda: empty(client))
        equal("the rows", sorted(names(bench, person)), ["_session.start", "before", "later", "while down"])
        equal("duplicates", duplicates(bench) - before, 0)
        client.call("complaints") if where == "Chromium" else None


def many(bench, client, where):
    person = f"many-{where}"
    with bench.shows(f"{where}: 500 events while the server is down: kept in batches of 256,000 bytes at most, all sent once"):
        before = duplicates(bench)
        bench.server.stop()
        gate = Gate(bench.server)
        begin(client, gate.url, person)
        for number in range(500):
            client.call("record", "many", {f"text{i}": "x" * 200 for i in range(5)}, {"number": number})
        until("a submission fails", lambda: client.call("state")["codes"])
        bench.restart()
        until("everything is submitted", lambda: empty(client))
        gate.close()
        sql = f"SELECT count(*) AS n, count(DISTINCT metrics->'number') AS numbers FROM event WHERE user_pseudo_id = '{person}' AND event_name = 'many'"
        equal("the rows", bench.query(sql), [[500, 500]])
        equal("duplicates", duplicates(bench) - before, 0)
        sizes = [len(note["body"]) for note in gate.notes if note["status"] == 202]
        holds("several requests, none larger", len(sizes) > 1 and max(sizes) <= 256_000 + 100, sizes)


def answers_lost(bench, client, where):
    person = f"lost-{where}"
    with bench.shows(f"{where}: stored but the answer is lost: sends again, counts once"):
        before = duplicates(bench)
        gate = Gate(bench.server)
        gate.lose = "answer"
        begin(client, gate.url, person)
        client.call("record", "one", {"n": "1"})
        until("a submission fails", lambda: client.call("state")["codes"])
        gate.lose = ""
        until("everything is submitted", lambda: empty(client))
        gate.close()
        equal("the rows", sorted(names(bench, person)), ["_session.start", "one"])
        holds("the repeats were seen", duplicates(bench) > before)
        client.call("complaints") if where == "Chromium" else None


def closed(bench, client, where):
    person = "closed-Chromium"
    with bench.shows(f"{where}: page closed while the server is down, opened when it is up: localStorage is sent once"):
        before = duplicates(bench)
        bench.server.stop()
        begin(client, bench.url, person)
        client.call("record", "kept in the browser")
        until("a submission fails", lambda: client.call("state")["codes"])
        client.call("closeTab")
        bench.restart()
        client.call("tab")
        client.call("open", "/")
        begin(client, bench.url, None)
        until("everything is submitted", lambda: empty(client))
        found = names(bench, person)
        equal("the kept event, by the client it was kept for", found.count("kept in the browser"), 1)
        equal("duplicates", duplicates(bench) - before, 0)
        client.call("complaints")


def clock(bench, folder):
    environment = bench.environment(CLOCK_SHIFT_MS=str(-3_600_000))
    with Driver(folder, environment=environment, log=bench.scratch / "skewed.log") as client:
        with bench.shows("Node: clock an hour slow: corrects itself, no batch is dropped"):
            check_clock(bench, client, "clock-Node")


def clock_of_a_page(bench, client, where):
    with bench.shows(f"{where}: clock an hour slow: reads Date across origins and corrects itself"):
        client.call("shiftClock", -3_600_000)
        client.call("open", "/")
        check_clock(bench, client, f"clock-{where}")


def check_clock(bench, client, person):
    begin(client, bench.url, person)
    client.call("record", "late")
    until("everything is submitted", lambda: empty(client))
    equal("the submissions", set(client.call("state")["codes"]), {"stored"})
    equal("the rows", sorted(names(bench, person)), ["_session.start", "late"])
