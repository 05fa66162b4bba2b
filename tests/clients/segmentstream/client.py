"""What SegmentStream's JavaScript SDK sends, from a page in Chromium: its hits to /collect, and /track with the token."""

import json
import uuid

from bench import APP, CREDENTIALS, equal, holds
from gate import Gate
from node import browser, installed

CLIENT = "SegmentStream, by fetch (Chromium)"
IDENTITY = {"anonymousId": "a-1", "userId": "u-1", "emailHash": "eff8c37862c7a2f0019448289bdd0869"}
TRANSACTION = {
    "orderId": "o-1",
    "isReturning": False,
    "currency": "EUR",
    "total": 30,
    "lineItems": [{"product": {"id": "p1", "name": "Ботинки", "category": "Shoes/Men", "unitSalePrice": 15}, "quantity": 2}],
}


def version():
    return "as of SDK 1.2.262"


def run(bench):
    folder = installed("segmentstream")
    bench.start()
    gate = Gate(bench.server)
    with browser(folder, log=bench.scratch / "browser.log") as page:
        bench.server.command("app", "set", APP, f"cors_origins={page.call('origin')}")
        hits(bench, gate, page)
        repeated(bench, gate, page)
        with_token(bench, gate, page)
        refused(bench, gate, page)
    gate.close()


def send(gate, page, event, **more):
    given = {"url": f"{gate.url}/collect", "projectId": CREDENTIALS["segmentstream_project_id"], "event": event, "identity": IDENTITY}
    return page.call("hit", {**given, **more})


def hits(bench, gate, page):
    with bench.shows("two page views and a purchase to /collect: rows, no preflight, no console error"):
        page.call("open", "/boots")
        equal("first page", send(gate, page, {"name": "Viewed Page", "category": "Content"})["status"], 204)
        page.call("open", "/confirmation")
        equal("second page", send(gate, page, {"name": "Viewed Page", "category": "Content"})["status"], 204)
        purchase = {"name": "Completed Transaction", "category": "Ecommerce", "transaction": TRANSACTION}
        equal("purchase", send(gate, page, purchase)["status"], 204)
        equal("console errors", page.call("complaints"), [])
        equal("preflights", gate.count("OPTIONS"), 0)
        types = {note["headers"].get("content-type") for note in gate.notes}
        equal("content types", types, {"text/plain;charset=UTF-8"})
        origin = page.call("origin")
        sql = "SELECT event_name, page_url, user_id, user_pseudo_id, traffic_source_source, event_value, currency FROM event ORDER BY event_timestamp"
        person = ["u-1", "a-1", "newsletter"]
        expected = [
            ["Viewed Page", f"{origin}/boots", *person, None, None],
            ["Viewed Page", f"{origin}/confirmation", *person, None, None],
            ["Completed Transaction", f"{origin}/confirmation", *person, 30.0, "EUR"],
        ]
        equal("the rows", bench.query(sql), expected)
        equal("the items", bench.query("SELECT item_id, name, price, quantity FROM item"), [["p1", "Ботинки", 15.0, 2.0]])


def repeated(bench, gate, page):
    with bench.shows("a hit sent again: 204 again, one row"):
        sent = send(gate, page, {"name": "Subscribed"})
        equal("the repeat", page.call("again", f"{gate.url}/collect", sent["body"]), 204)
        equal("the rows", bench.query("SELECT count(*) AS n FROM event WHERE event_name = 'Subscribed'"), [[1]])


def with_token(bench, gate, page):
    with bench.shows("the documented call of /track from a page: preflight, 204, row, no console error"):
        hit = {"hitId": str(uuid.uuid4()), "event": {"name": "Registered", "category": "Auth", "user": {"userId": "u-2"}}}
        given = {"url": f"{gate.url}/track", "token": CREDENTIALS["api_token"], "body": json.dumps(hit)}
        for _ in range(2):
            equal("status", page.call("track", given), 204)
        equal("preflights, kept by the browser", gate.count("OPTIONS", 204), 1)
        equal("console errors", page.call("complaints"), [])
        equal("the row", bench.query("SELECT user_id FROM event WHERE event_name = 'Registered'"), [["u-2"]])


def refused(bench, gate, page):
    with bench.shows("wrong token and broken JSON: 401 and 400, readable by the page; an unknown project: 403"):
        given = {"url": f"{gate.url}/track", "token": "wrong", "body": "{}"}
        equal("wrong token", page.call("track", given), 401)
        equal("broken JSON", page.call("track", {**given, "token": CREDENTIALS["api_token"], "body": "{"}), 400)
        before = bench.books("segmentstream")
        try:
            status = send(gate, page, {"name": "Viewed Page"}, projectId="nobody")["status"]
            holds("an unknown project is refused", status == 403, status)
        except Exception as error:  # the browser hides an answer without CORS headers
            holds("an unknown project is refused", "Failed to fetch" in str(error), str(error))
        equal("the books", bench.books("segmentstream"), before)
