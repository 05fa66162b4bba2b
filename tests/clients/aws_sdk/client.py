"""The AWS client for JavaScript, version 2, against PutEvents: signatures, clocks, regions, contexts."""

import base64
import json
import re
from datetime import datetime, timezone

from bench import APP, CREDENTIALS, equal, holds
from node import ClientError, Driver, installed, version_of

CLIENT = "aws-sdk MobileAnalytics (Node)"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TOKEN = "FQoGZXIvYXdzEXAMPLETOKEN//////////wEaDclientS+=="
TEMPORARY = {"accessKeyId": "ASIACLIENTSEXAMPLE", "secretAccessKey": "temporary/SecretKey+EXAMPLE", "sessionToken": TOKEN}


def version():
    return version_of("aws_sdk", "aws-sdk")


def run(bench):
    bench.start()
    scenarios(bench)


def scenarios(bench):
    folder = installed("aws_sdk")
    add_temporary_keys(bench)
    with Driver(folder, environment=bench.environment(), log=bench.scratch / "aws_sdk.log") as client:
        accepted(bench, client)
        contexts(bench, client)
        refused(bench, client)
        down(bench, client)
    clocks(bench, folder)


def add_temporary_keys(bench):
    keys = ["--aws-access-key-id", TEMPORARY["accessKeyId"], "--aws-secret-access-key", TEMPORARY["secretAccessKey"]]
    bench.server.command("app", "key", "add", APP, *keys, "--aws-session-token", TOKEN)


def options(url, **changed):
    keys = {"accessKeyId": CREDENTIALS["aws_access_key_id"], "secretAccessKey": CREDENTIALS["aws_secret_access_key"]}
    return {"endpoint": url, "region": "us-east-1", **keys, **changed}


def context(client_id, **client):
    return {
        "client": {"client_id": client_id, "app_title": "My App", **client},
        "custom": {"plan": "gold"},
        "env": {"platform": "linux", "locale": "en_US"},
        "services": {"mobile_analytics": {"app_id": CREDENTIALS["mobile_analytics_app_id"]}},
    }


def parameters(client_id, event_type, **more):
    moment = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = {
        "eventType": event_type,
        "timestamp": moment,
        "version": "v2.0",
        "session": {"id": f"s-{client_id}", "startTimestamp": moment},
        "attributes": {"Level": "One"},
        "metrics": {"Score": 12345.5},
    }
    return {"events": [event], "clientContext": json.dumps(context(client_id)), **more}


def names(bench, client_id):
    return [row[0] for row in bench.query(f"SELECT event_name FROM event WHERE user_pseudo_id = '{client_id}' ORDER BY 1")]


def accepted(bench, client):
    with bench.shows("static keys: 202, an empty answer, a request id; the row"):
        client.call("init", options(bench.url))
        answer = client.call("putEvents", parameters("static", "LevelComplete"))
        equal("data, status, times sent", [answer["data"], answer["status"], answer["sent"]], [{}, 202, 1])
        holds("the request id is a UUID", UUID.fullmatch(answer["request"] or ""), answer["request"])
        sql = (
            "SELECT event_name, session_id, attributes->>'Level' AS level, metrics->'Score' AS score, app_title, access_key_id"
            " FROM event WHERE user_pseudo_id = 'static'"
        )
        expected = [["LevelComplete", "s-static", "One", 12345.5, "My App", CREDENTIALS["aws_access_key_id"]]]
        equal("the row", bench.query(sql), expected)
    with bench.shows("temporary keys with their session token"):
        client.call("init", options(bench.url, **TEMPORARY))
        equal("status", client.call("putEvents", parameters("token", "a"))["status"], 202)
        equal("the row", names(bench, "token"), ["a"])
    with bench.shows("signed for another region"):
        for region in ("eu-west-1", "ap-southeast-2"):
            client.call("init", options(bench.url, region=region))
            equal(f"status for {region}", client.call("putEvents", parameters(region, "a"))["status"], 202)
            equal("the row", names(bench, region), ["a"])
    with bench.shows("the same batch sent twice counts once; equal events of one batch each count"):
        client.call("init", options(bench.url))
        twice = parameters("twice", "again")
        twice["events"] *= 2
        for _ in range(2):
            equal("status", client.call("putEvents", twice)["status"], 202)
        equal("the rows", names(bench, "twice"), ["again", "again"])


def contexts(bench, client):
    client.call("init", options(bench.url))
    with bench.shows("client context in base64, with text beyond Latin-1"):
        packed = base64.b64encode(json.dumps(context("packed", app_version_name="版本 1")).encode()).decode()
        given = parameters("packed", "a", clientContext=packed, clientContextEncoding="base64")
        equal("status", client.call("putEvents", given)["status"], 202)
        equal("the row", bench.query("SELECT app_version FROM event WHERE user_pseudo_id = 'packed'"), [["版本 1"]])
    with bench.shows("client context raw, with spaces and a Latin-1 letter"):
        raw = json.dumps(context("raw", app_version_name="café  v 1"), ensure_ascii=False)
        equal("status", client.call("putEvents", parameters("raw", "a", clientContext=raw))["status"], 202)
        found = bench.query("SELECT app_version FROM event WHERE user_pseudo_id = 'raw'")
        equal("the row", found, [["café  v 1"]])
    with bench.shows("an empty list of events, and events without a session"):
        equal("status", client.call("putEvents", parameters("empty", "a", events=[]))["status"], 202)
        bare = parameters("bare", "a")
        del bare["events"][0]["session"], bare["events"][0]["version"]
        equal("status", client.call("putEvents", bare)["status"], 202)
        equal("the row", names(bench, "bare"), ["a"])


def refusal(client, given):
    """The error the client hands on."""
    try:
        client.call("putEvents", given)
    except ClientError as error:
        return error.error
    return {}


def refused(bench, client):
    with bench.shows("wrong secret, unknown key, missing and wrong session token: 403, by name; nothing stored"):
        before = bench.books("mobile_analytics")
        cases = [
            ({"secretAccessKey": "wrong"}, "InvalidSignatureException"),
            ({"accessKeyId": "AKIDNOBODY"}, "UnrecognizedClientException"),
            ({**TEMPORARY, "sessionToken": None}, "UnrecognizedClientException"),
            ({**TEMPORARY, "sessionToken": "another"}, "UnrecognizedClientException"),
            ({"sessionToken": TOKEN}, "UnrecognizedClientException"),
        ]
        for changed, code in cases:
            client.call("init", options(bench.url, **changed))
            error = refusal(client, parameters("refused", "a"))
            equal(f"with {changed}", [error.get("statusCode"), error.get("code")], [403, code])
            holds("the request id is handed on", UUID.fullmatch(error.get("requestId") or ""), error)
        equal("the books", bench.books("mobile_analytics"), before)
    with bench.shows("an application that is not the key's: 403 AccessDeniedException"):
        bench.server.create_app("other", mobile_analytics_app_id="ffffffffffffffffffffffffffffffff")
        client.call("init", options(bench.url))
        given = parameters("refused", "a")
        given["clientContext"] = given["clientContext"].replace(CREDENTIALS["mobile_analytics_app_id"], "f" * 32)
        error = refusal(client, given)
        equal("status and code", [error.get("statusCode"), error.get("code")], [403, "AccessDeniedException"])
        holds("the message names the action", "mobileanalytics:PutEvents" in error.get("message", ""), error)
    with bench.shows("no context, no JSON in it: 400 BadRequestException with a message"):
        for broken in ("test", "{}"):
            error = refusal(client, parameters("refused", "a", clientContext=broken))
            equal(f"with {broken}", [error.get("statusCode"), error.get("code")], [400, "BadRequestException"])
            holds("there is a message", error.get("message"), error)


def down(bench, client):
    with bench.shows("server down: an error after its retries; up again while it retries: sent, once"):
        bench.server.stop()
        client.call("init", options(bench.url))
        code = refusal(client, parameters("down", "a")).get("code")
        holds("the error is one of the network", code in ("UnknownEndpoint", "NetworkingError", "TimeoutError", "RequestError"), code)
        client.call("init", options(bench.url, maxRetries=8, retryDelayOptions={"base": 300}))
        waiting = client.begin("putEvents", parameters("down", "b"))
        bench.restart()
        answer = client.finish(waiting)
        equal("status", answer["status"], 202)
        equal("the row", names(bench, "down"), ["b"])


def clocks(bench, folder):
    for hours, name in ((-1, "an hour slow"), (1, "an hour fast")):
        environment = bench.environment(CLOCK_SHIFT_MS=str(hours * 3_600_000))
        with Driver(folder, environment=environment, log=bench.scratch / f"aws_sdk{hours}.log") as client:
            with bench.shows(f"clock {name}: corrects itself from Date and is stored at the second attempt"):
                client.call("init", options(bench.url, correctClockSkew=True))
                answer = client.call("putEvents", parameters(f"skewed{hours}", "a"))
                equal("status, times sent", [answer["status"], answer["sent"]], [202, 2])
                answer = client.call("putEvents", parameters(f"skewed{hours}", "b"))
                equal("the next, times sent", [answer["status"], answer["sent"]], [202, 1])
                equal("the rows", names(bench, f"skewed{hours}"), ["a", "b"])
            if hours < 0:
                with bench.shows("the same without correction: 403 InvalidSignatureException, with both times"):
                    client.call("init", options(bench.url, correctClockSkew=False))
                    error = refusal(client, parameters("skewed", "a"))
                    equal("status and code", [error.get("statusCode"), error.get("code")], [403, "InvalidSignatureException"])
                    holds("the message", "Signature expired" in error.get("message", ""), error)
