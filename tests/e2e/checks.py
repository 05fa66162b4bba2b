"""Counts checks, and holds what is in the store against the books of the traffic."""

import json
import sys
import time

from traffic import APIS, CLICKSTREAM, MOBILE

TABLES = ["event", "item", "users", "session", "rejected_event", "ingestion_events", "event_parameter"]


class Report:
    """Prints what fails at once, and ends with the counts."""

    def __init__(self, verbose=False):
        self.passed = self.failed = 0
        self.verbose = verbose
        self.stage = ""
        self.since = time.monotonic()

    def begin(self, stage):
        self.stage = stage
        self.since = time.monotonic()

    def done(self):
        print(f"e2e: {self.stage}: {time.monotonic() - self.since:.1f} s", flush=True)

    def check(self, name, good, detail=""):
        if good:
            self.passed += 1
            if self.verbose:
                print(f"  ok {name}")
        else:
            self.failed += 1
            print(f"FAILED {self.stage}: {name}")
            if detail:
                print("    " + str(detail).replace("\n", "\n    "))
            sys.stdout.flush()
        return good

    def equal(self, name, actual, expected):
        return self.check(name, actual == expected, f"expected {expected}\ngot      {actual}")

    def closing_line(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0


def fingerprint(server):
    """For each table its number of rows and a hash that any change of any value changes."""
    query = " UNION ALL ".join(
        f"SELECT '{table}' AS name, count(*) AS n, CAST(bit_xor(hash(CAST(t AS VARCHAR))) AS VARCHAR) AS h FROM {table} t"
        for table in TABLES
    )
    return {row["name"]: (row["n"], row["h"]) for row in server.sql(query)}


def check_tables(report, server, books):
    """Every count of every table."""
    rows = server.rows("SELECT api, event_name, count(*) AS n FROM event GROUP BY ALL")
    report.equal("events by name", {(a, e): n for a, e, n in rows}, dict(books.events))
    report.equal(
        "no event id twice",
        server.rows("SELECT app_id, api, event_id FROM event GROUP BY ALL HAVING count(*) > 1"),
        [],
    )
    items = dict(server.rows("SELECT e.api, count(*) AS n FROM item i JOIN event e USING (app_id, event_id) GROUP BY ALL"))
    report.equal("items", items, dict(books.items))
    report.equal("items in all", server.value("SELECT count(*) AS n FROM item"), sum(books.items.values()))
    rejected = dict(server.rows("SELECT api, count(*) AS n FROM rejected_event GROUP BY ALL"))
    report.equal("rejected", rejected, {api: n for api, n in books.rejected.items() if n})
    report.equal(
        "every rejection says why",
        server.value("SELECT count(*) AS n FROM rejected_event WHERE coalesce(reason, '') = '' OR coalesce(code, '') = ''"),
        0,
    )
    parameters = dict(
        server.rows("SELECT e.api, count(*) AS n FROM event_parameter JOIN event e USING (app_id, event_id) GROUP BY ALL")
    )
    for api in (CLICKSTREAM, MOBILE):
        report.equal(f"event_parameter of {api}", parameters.get(api), books.parameters[api])
    check_people(report, server, books)
    check_sessions(report, server, books)


def check_people(report, server, books):
    expected = sum(len(people) for people in books.people.values())
    report.equal("people", server.value("SELECT count(*) AS n FROM users"), expected)
    report.equal("people, as the quoted name", server.value('SELECT count(*) AS n FROM "user"'), expected)
    nobody = "SELECT count(*) AS n FROM users WHERE user_id = 'nobody' OR user_pseudo_id = 'nobody'"
    report.equal("a refused event makes nobody", server.value(nobody), 0)
    rows = server.rows(
        "SELECT user_id, CAST(json_extract(user_properties, '$.visits.value') AS DOUBLE) AS visits FROM users "
        "WHERE json_extract(user_properties, '$.visits') IS NOT NULL "
        "AND CAST(identities AS VARCHAR) LIKE '%\"identity\"%'"
    )
    report.equal("counters of profiles", {u: v for u, v in rows}, {u: float(n) for u, n in books.visits.items()})


def check_sessions(report, server, books):
    for api, prefix in ((CLICKSTREAM, "cs-session-"), (MOBILE, "ma-session-")):
        count = server.value(f"SELECT count(*) AS n FROM session WHERE session_id LIKE '{prefix}%'")
        report.equal(f"sessions of {api}", count, len(books.sessions[api]))


def check_requests(report, server, books):
    rows = dict(server.rows("SELECT api, count(*) AS n FROM ingestion_events GROUP BY ALL"))
    report.equal("requests in the journal", rows, {api: n for api, n in books.requests.items() if n})


def books_of(server, app_id):
    return {row["api"]: row for row in server.status()["apps"] if row["app_id"] == app_id}


def check_books(report, server, app_id, books=None):
    """I4: received = stored + duplicate + rejected + pending; and, when `books` is given, exactly these."""
    rows = books_of(server, app_id)
    for api in APIS:
        row = rows.get(api)
        if not report.check(f"books of {api} are kept", row is not None, json.dumps(rows)):
            continue
        total = row["stored"] + row["duplicate"] + row["rejected"] + row["pending"]
        report.equal(f"books of {api} balance", total, row["received"])
        report.equal(f"nothing of {api} is pending", row["pending"], 0)
        if books is not None:
            expected = [books.received[api], books.stored[api], books.duplicate[api], books.rejected[api]]
            actual = [row["received"], row["stored"], row["duplicate"], row["rejected"]]
            report.equal(f"books of {api}: received, stored, duplicate, rejected", actual, expected)


