"""The Clickstream SDK for web pages in Chromium, on pages of another origin than the server's."""

from bench import APP, equal, holds, until
from gate import Gate
from node import browser, installed, version_of

CLIENT = "@aws/clickstream-web (Chromium)"


def version():
    return version_of("clickstream", "@aws/clickstream-web")


def run(bench):
    folder = installed("clickstream")
    bench.start()
    with browser(folder, log=bench.scratch / "browser.log") as page:
        bench.server.command("app", "set", APP, f"cors_origins={page.call('origin')}")
        immediate(bench, page)
        batches(bench, page)
        resent(bench, page, "Immediate")
        resent(bench, page, "Batch")
        down(bench, page, "Immediate")
        down(bench, page, "Batch")
        many(bench, page)
        left(bench, page)
        reloaded(bench, page)
        old_build(bench, page)
        other_origin(bench, page)


def fresh(page, path="/"):
    """The page of a visitor who was never here."""
    page.call("open", path)
    page.call("forget")
    page.call("open", path)
    page.call("complaints")


def init(page, url, **more):
    given = {"appId": APP, "endpoint": f"{url}/collect", "sendEventsInterval": 500, **more}
    page.call("init", given)


def names(bench, since=""):
    """Names of the events whose attribute `run` is this, or whose session began on its page."""
    sql = f"SELECT event_name FROM event WHERE properties->>'run' = '{since}' ORDER BY event_name"
    return [row[0] for row in bench.query(sql)]


def everything(page, path="/"):
    """What a visitor does: looks around, searches, clicks, scrolls, logs in, buys."""
    page.call("click", "#out")
    page.call("evaluate", "window.scrollTo(0, 3900)")
    page.call("evaluate", "new Promise((done) => setTimeout(done, 300))")
    page.call("evaluate", f"history.pushState({{}}, '', '{path}?q=watch'); document.title")
    page.call("evaluate", "Clickstream.setUserId('u-1'); Clickstream.setUserAttributes({plan: 'gold', age: 31})")
    items = [{"id": "1", "name": "Watch", "price": 59.99, "quantity": 2, "category": "watches", "strap": "leather"}, {"id": "2"}]
    attributes = {"name": "Часы ⌚", "Price": 99.9, "gift": True, "_value": 119.98, "_currency": "USD"}
    page.call("record", {"name": "purchase", "attributes": attributes, "items": items})


EXPECTED = [
    *["_click", "_first_open", "_page_view", "_page_view"],
    *["_profile_set", "_profile_set", "_scroll", "_search", "_session_start", "purchase"],
]


def check_rows(bench, run):
    found = [name for name in names(bench, run) if name != "_user_engagement"]
    equal("the rows", found, EXPECTED)
    about = f"FROM event WHERE properties->>'run' = '{run}' AND event_name ="
    sql = "SELECT properties->>'{}' AS a, properties->>'{}' AS b, properties->'{}' AS c {} '{}'"
    click = bench.query(sql.format("_link_id", "_link_domain", "_outbound", about, "_click"))
    equal("the click", click, [["out", "partner.example", True]])
    search = bench.query(sql.format("_search_key", "_search_term", "_session_number", about, "_search"))
    equal("the search", search, [["q", "watch", 1]])
    sql = f"SELECT properties->>'name' AS a, properties->'Price' AS b, properties->'gift' AS c, user_id, platform {about} 'purchase'"
    equal("the purchase", bench.query(sql), [["Часы ⌚", 99.9, True, "u-1", "Web"]])
    sql = f"SELECT i.item_id, i.price, i.quantity FROM item i JOIN event e USING (event_id) WHERE e.properties->>'run' = '{run}' ORDER BY 1"
    equal("its items", bench.query(sql), [["1", 59.99, 2], ["2", None, None]])
    sql = (
        "SELECT DISTINCT user_properties->'plan'->'value' AS plan, user_properties->'age'->'value' AS age FROM users"
        f" WHERE user_pseudo_id IN (SELECT user_pseudo_id {about} 'purchase')"
    )
    equal("the person", bench.query(sql), [["gold", 31]])
    sql = f"SELECT count(*) FILTER (WHERE page_url LIKE '%?q=watch') AS later, count(*) AS all_of_them {about} '_page_view'"
    equal("the pages", bench.query(sql), [[1, 2]])


def immediate(bench, page):
    with bench.shows("immediate mode: page views, click, scroll, search, user, items, custom event; their rows"):
        fresh(page)
        init(page, bench.url, globalAttributes={"run": "immediate"})
        everything(page)
        until("every event is a row", lambda: len(names(bench, "immediate")) >= len(EXPECTED))
        check_rows(bench, "immediate")
        equal("console errors", page.call("complaints"), [])
        equal("kept in the browser", page.call("kept"), 0)


def batches(bench, page):
    with bench.shows("batch mode: the same; a preflight before each request"):
        gate = Gate(bench.server)
        fresh(page)
        init(page, gate.url, sendMode="Batch", globalAttributes={"run": "batch"})
        everything(page)
        until("every event is a row", lambda: len(names(bench, "batch")) >= len(EXPECTED))
        check_rows(bench, "batch")
        until("nothing is kept in the browser", lambda: page.call("kept") == 0)
        equal("console errors", page.call("complaints"), [])
        holds("fewer requests than events", gate.count("POST") < len(EXPECTED), gate.count("POST"))
        equal("preflights, by answer 204", gate.count("OPTIONS", 204), gate.count("POST", 200))
        asked = {note["headers"].get("access-control-request-headers") for note in gate.notes if note["method"] == "OPTIONS"}
        holds("the preflight asks for content-type", all("content-type" in (value or "") for value in asked), list(asked))
        gate.close()


def resent(bench, page, mode):
    run = f"resent-{mode}"
    with bench.shows(f"{mode.lower()} mode: stored but the answer is lost: sent again, counts once"):
        before = bench.books("clickstream")["duplicate"]
        gate = Gate(bench.server)
        gate.lose = "answer"
        fresh(page)
        init(page, gate.url, sendMode=mode, globalAttributes={"run": run})
        page.call("record", {"name": "once"})
        until("it was sent", lambda: gate.count("POST", "lost") >= (9 if mode == "Immediate" else 1))
        until("it is kept", lambda: page.call("kept") > 0)
        gate.lose = ""
        # In immediate mode the SDK sends what failed when the next event gets through.
        page.call("record", {"name": "later"})
        until("nothing is kept in the browser", lambda: page.call("kept") == 0)
        gate.close()
        equal("the rows", names(bench, run), ["_first_open", "_page_view", "_session_start", "later", "once"])
        holds("the repeats were seen", bench.books("clickstream")["duplicate"] > before)


def down(bench, page, mode):
    run = f"down-{mode}"
    with bench.shows(f"{mode.lower()} mode: server down, then up: nothing lost, nothing twice"):
        before = bench.books("clickstream")["duplicate"]
        fresh(page)
        init(page, bench.url, sendMode=mode, globalAttributes={"run": run})
        page.call("record", {"name": "before"})
        until("it is a row", lambda: "before" in names(bench, run))
        bench.server.stop()
        for number in range(3):
            page.call("record", {"name": f"down_{number}"})
        until("they are kept", lambda: page.call("kept") == 3)
        bench.restart()
        page.call("record", {"name": "up"})
        until("nothing is kept in the browser", lambda: page.call("kept") == 0)
        expected = ["_first_open", "_page_view", "_session_start", "before", "down_0", "down_1", "down_2", "up"]
        equal("the rows", names(bench, run), expected)
        equal("duplicates", bench.books("clickstream")["duplicate"] - before, 0)


def many(bench, page):
    with bench.shows("batch mode: 600 events kept while the server is down: sent in pieces of 512 KiB at most, each once"):
        before = bench.books("clickstream")["duplicate"]
        fresh(page)
        bench.server.stop()
        gate = Gate(bench.server)
        init(page, gate.url, sendMode="Batch", globalAttributes={"run": "many"})
        text = "x" * 600
        loop = f"for (let i = 0; i < 600; i++) Clickstream.record({{name: 'many', attributes: {{number: i, text: '{text}'}}}})"
        page.call("evaluate", f"{{{loop}}}; 1")
        bench.restart()
        until("nothing is kept in the browser", lambda: page.call("kept") == 0)
        gate.close()
        sql = "SELECT count(*) AS n, count(DISTINCT properties->'number') AS numbers FROM event WHERE event_name = 'many'"
        equal("the rows", bench.query(sql), [[600, 600]])
        equal("duplicates", bench.books("clickstream")["duplicate"] - before, 0)
        sizes = [len(note["body"]) for note in gate.notes if note["status"] == 200 and note["method"] == "POST"]
        holds("several requests, none larger", len(sizes) > 1 and max(sizes) <= 512 * 1024, sizes)


def left(bench, page):
    with bench.shows("batch mode: page left right after an event: it arrives, once"):
        before = bench.books("clickstream")["duplicate"]
        fresh(page)
        init(page, bench.url, sendMode="Batch", sendEventsInterval=60_000, globalAttributes={"run": "left"})
        page.call("record", {"name": "last"})
        page.call("closeTab")
        until("it is a row", lambda: "last" in names(bench, "left"))
        equal("the rows", names(bench, "left"), ["_first_open", "_page_view", "_session_start", "last"])
        equal("duplicates", bench.books("clickstream")["duplicate"] - before, 0)
        page.call("tab")


def reloaded(bench, page):
    with bench.shows("page killed while the server is down, opened when it is up: what localStorage kept is sent once"):
        fresh(page)
        init(page, bench.url, globalAttributes={"run": "reloaded"})
        until("the page view is a row", lambda: "_page_view" in names(bench, "reloaded"))
        bench.server.stop()
        page.call("record", {"name": "kept"})
        until("it is kept", lambda: page.call("kept") == 1)
        page.call("killTab")
        bench.restart()
        page.call("tab")
        page.call("open", "/")
        init(page, bench.url, globalAttributes={"run": "reloaded"})
        until("nothing is kept in the browser", lambda: page.call("kept") == 0)
        equal("the kept event", names(bench, "reloaded").count("kept"), 1)


def old_build(bench, page):
    with bench.shows("build with the fetch mode of 0.12.3 (no-cors): every event three times on the wire, one row each"):
        gate = Gate(bench.server)
        fresh(page, "/old")
        init(page, gate.url, globalAttributes={"run": "old"})
        page.call("record", {"name": "old_event", "attributes": {"text": "ü"}})
        until("each was sent three times", lambda: gate.count("POST", 200) >= 12)
        gate.close()
        equal("preflights", gate.count("OPTIONS"), 0)
        types = {note["headers"]["content-type"] for note in gate.notes}
        equal("content types", types, {"text/plain;charset=UTF-8"})
        equal("the rows", names(bench, "old"), ["_first_open", "_page_view", "_session_start", "old_event"])


def other_origin(bench, page):
    with bench.shows("a page of an origin that is not allowed: the browser does not send, the SDK keeps"):
        bench.server.command("app", "set", APP, "cors_origins=https://another.example")
        fresh(page)
        init(page, bench.url, globalAttributes={"run": "foreign"})
        until("they are kept", lambda: page.call("kept") == 3)
        holds("the browser says why", any("CORS" in text for text in page.call("complaints")))
        equal("the rows", names(bench, "foreign"), [])
        bench.server.command("app", "set", APP, f"cors_origins={page.call('origin')}")
