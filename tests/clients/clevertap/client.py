"""The CleverTap client for Node against POST /1/upload: what its promises resolve to, and the rows."""

import time

from bench import CREDENTIALS, equal, holds
from node import ClientError, Driver, installed, version_of

CLIENT = "clevertap (Node)"
STORED = {"status": "success", "processed": 1, "unprocessed": []}


def version():
    return version_of("clevertap", "clevertap")


def run(bench):
    bench.start()
    scenarios(bench)


def scenarios(bench):
    with Driver(installed("clevertap"), environment=bench.environment(), log=bench.scratch / "clevertap.log") as client:
        client.call("init", account_of(bench.url))
        events(bench, client)
        profiles_and_tokens(bench, client)
        slices(bench, client)
        unicode(bench, client)
        refusals(bench, client)
        errors(bench, client)


def account_of(url, **changed):
    given = {
        "account": CREDENTIALS["clevertap_account_id"],
        "passcode": CREDENTIALS["clevertap_passcode"],
        "endpoint": f"{url}/1",
    }
    return {**given, **changed}


def event(name, identity="jane", **data):
    return {"type": "event", "identity": identity, "ts": int(time.time()), "evtName": name, "evtData": data}


def events(bench, client):
    with bench.shows("upload of an event and of a purchase with items: documented answer, rows"):
        moment = int(time.time()) - 3600
        viewed = {**event("Product viewed", **{"Product name": "Watch", "Price": 59.99, "In stock": True}), "ts": moment}
        equal("the answer", client.call("upload", [viewed]), STORED)
        items = [{"Category": "books", "Quantity": 1}, {"Category": "books", "Quantity": 4}]
        charged = event("Charged", Amount=300, Currency="USD", Items=items, **{"Delivery By": f"$D_{moment}"})
        equal("the answer to a purchase", client.call("uploadWithCallback", [charged]), STORED)
        found = bench.query(
            "SELECT event_name, user_id, epoch_ms(event_timestamp) AS at, properties->'Price' AS price, properties->'In stock' AS stock"
            " FROM event WHERE event_name = 'Product viewed'"
        )
        equal("the event's row", found, [["Product viewed", "jane", moment * 1000, 59.99, True]])
        found = bench.query("SELECT event_value, currency FROM event WHERE event_name = 'Charged'")
        equal("the purchase's row", found, [[300.0, "USD"]])
        equal("its items", bench.query("SELECT count(*) AS n FROM item WHERE api = 'clevertap'"), [[2]])


def profiles_and_tokens(bench, client):
    with bench.shows("upload of a profile and of a device token: documented answer, the person's row"):
        profile = {"Name": "Jane", "Email": "jane@example.com", "Phone": "+14155551234", "Gender": "F", "Plan": "gold"}
        answer = client.call("upload", [{"type": "profile", "identity": "jane", "profileData": profile}])
        equal("the answer", answer, STORED)
        record = {"type": "token", "objectId": "__gjane", "tokenData": {"id": "frfsgvrwe", "type": "fcm"}}
        equal("the answer to a token", client.call("uploadDeviceTokens", [record]), STORED)
        found = bench.query("SELECT user_properties->'Plan'->>'value' AS plan FROM users WHERE user_id = 'jane'")
        equal("the person's plan", found, [["gold"]])
        sql = "SELECT user_properties->'token.fcm'->'value'->>'id' AS id FROM users WHERE user_pseudo_id = '__gjane'"
        equal("the device's token", bench.query(sql), [["frfsgvrwe"]])


def slices(bench, client):
    with bench.shows("150 records: sliced at 100, two answers, every record once"):
        answers = client.call("upload", [event("Sliced", identity=f"u{i}", Number=i) for i in range(150)])
        equal("the answers", answers, [{**STORED, "processed": 100}, {**STORED, "processed": 50}])
        sql = "SELECT count(*) AS n, count(DISTINCT properties->>'Number') AS numbers FROM event WHERE event_name = 'Sliced'"
        equal("the rows", bench.query(sql), [[150, 150]])
        sql = "SELECT count(DISTINCT journal_position) AS n FROM event WHERE event_name = 'Sliced'"
        equal("the requests", bench.query(sql), [[2]])


def unicode(bench, client):
    with bench.shows("Unicode in names, keys and values comes back as it was"):
        name, value = "Просмотр 商品 🛒", "naïve \u2028 \"quoted\" \\ 日本語 \U0001f600"
        equal("the answer", client.call("upload", [event(name, identity="用户-1", **{"ключ": value})]), STORED)
        found = bench.query("SELECT event_name, properties->>'ключ' AS value FROM event WHERE user_id = '用户-1'")
        equal("the row", found, [[name, value]])


def refusals(bench, client):
    with bench.shows("a batch with a bad record: partial, the code, the record; the good one is stored"):
        bad = {"type": "profile", "identity": "joe", "profileData": {"Email": "$$$$$"}}
        answer = client.call("upload", [event("Beside a bad one"), bad])
        equal("status and processed", [answer["status"], answer["processed"]], ["partial", 1])
        text = "Profile data is incorrect. Email is not valid.Skipped record number : 2"
        equal("unprocessed", answer["unprocessed"], [{"status": "fail", "code": 515, "error": text, "record": bad}])
        answer = client.call("upload", [bad])
        equal("when every record is bad", [answer["status"], answer["processed"]], ["fail", 0])
        equal("the good one", bench.query("SELECT count(*) AS n FROM event WHERE event_name = 'Beside a bad one'"), [[1]])
    with bench.shows("what the client refuses by itself never leaves"):
        before = bench.books("clevertap")["received"]
        try:
            client.call("upload", [{"type": "event", "evtName": "Nobody", "evtData": {}}])
        except ClientError as error:
            holds("the rejection names what is missing", "must contain an identity" in str(error), str(error))
        else:
            holds("a record without identity is rejected", False)
        equal("received", bench.books("clevertap")["received"], before)


def errors(bench, client):
    with bench.shows("wrong passcode and wrong account: the documented 401 body; nothing stored"):
        before = bench.books("clevertap")
        client.call("init", account_of(bench.url, passcode="WRONG"))
        answer = client.call("upload", [event("Refused")])
        equal("wrong passcode", answer, {"status": "fail", "error": "Passcode Invalid", "code": 401})
        client.call("init", account_of(bench.url, account="fake-id"))
        answer = client.call("upload", [event("Refused")])
        equal("unknown account", answer, {"status": "fail", "error": "Account ID is not valid", "code": 401})
        equal("the books", bench.books("clevertap"), before)
    with bench.shows("server down: resolves to \"error\"; up again: the same upload is stored once"):
        client.call("init", account_of(bench.url))
        bench.server.stop()
        record = event("After the server was down")
        equal("while down", client.call("upload", [record]), "error")
        bench.restart()
        equal("when up again", client.call("upload", [record]), STORED)
        sql = "SELECT count(*) AS n FROM event WHERE event_name = 'After the server was down'"
        equal("the rows", bench.query(sql), [[1]])
