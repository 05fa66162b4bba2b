"""Events of the test language as requests of their APIs."""

import base64
import json
import time

from harness.sigv4 import Signer

PLATFORM = "android"
# Clickstream's own members, which are no attributes.
MONEY = ("event_value", "event_value_currency")


def iso(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"


def milliseconds(when):
    return round(when.timestamp() * 1000)


def mobile_analytics(app, events):
    first = events[0]
    env = {key: first.fields[key] for key in ("platform", "make", "model", "locale") if key in first.fields}
    client = {"client_id": first.user, "app_title": "kpi"}
    if "app-version" in first.fields:
        client["app_version_name"] = first.fields["app-version"]
    context = {
        "client": client,
        "env": {"platform": PLATFORM, **env},
        "services": {"mobile_analytics": {"app_id": app["mobile_analytics"]["app_id"]}},
    }
    sent = []
    for event in events:
        item = {"eventType": event.name, "timestamp": iso(event.when), "version": "v2.0"}
        item |= {"attributes": event.attributes, "metrics": event.metrics}
        session = event.fields.get("session", "s")
        if session != "none":
            item["session"] = {"id": session, "startTimestamp": iso(event.when)}
        sent.append(item)
    headers = [("Content-Type", "application/json"), ("x-amz-Client-Context", json.dumps(context))]
    return "/2014-06-05/events", headers, {"events": sent}


def clickstream(app, events):
    sent = []
    for event in events:
        item = {"event_type": event.name, "event_id": event.fields.get("id", f"{time.time_ns()}")}
        item |= {"timestamp": milliseconds(event.when), "app_id": app["app_id"], "unique_id": event.user}
        for key, member in (("platform", "platform"), ("app-version", "app_version"), ("make", "make"), ("model", "model")):
            if key in event.fields:
                item[member] = event.fields[key]
        attributes = {**event.attributes, **event.metrics}
        item |= {key: attributes.pop(key) for key in MONEY if key in attributes}
        item["attributes"] = attributes
        sent.append(item)
    return f"/collect?appId={app['app_id']}", [("Content-Type", "application/json")], sent


def clevertap(app, events):
    sent = []
    for event in events:
        item = {"type": "event", "objectId": event.user, "ts": int(event.when.timestamp()), "evtName": event.name}
        sent.append(item | {"evtData": {**event.attributes, **event.metrics}})
    account = app["clevertap"]
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("X-CleverTap-Account-Id", account["account_id"]),
        ("X-CleverTap-Passcode", account["passcode"]),
    ]
    return "/1/upload", headers, {"d": sent}


def segmentstream(app, events):
    (event,) = events
    hit = {"name": event.name, "category": "kpi", "user": {"anonymousId": event.user}}
    for key, value in {**event.attributes, **event.metrics}.items():
        parent, _, member = key.rpartition(".")
        (hit.setdefault(parent, {}) if parent else hit)[member] = value
    token = base64.b64encode((app["segmentstream"]["api_token"] + ":").encode()).decode()
    headers = [("Content-Type", "application/json"), ("Authorization", "Basic " + token)]
    identity = {"hitId": event.fields["id"]} if "id" in event.fields else {}
    return "/track", headers, {"event": hit, "sentAt": iso(event.when), **identity}


MAKERS = {
    "mobile_analytics": mobile_analytics,
    "clickstream": clickstream,
    "clevertap": clevertap,
    "segmentstream": segmentstream,
}


def make_request(app, events, address):
    """Target, headers and body; all events are of one API, and of one user."""
    api = events[0].api
    target, headers, content = MAKERS[api](app, events)
    body = json.dumps(content).encode()
    if api == "mobile_analytics":
        keys = app["mobile_analytics"]
        signer = Signer(keys["access_key_id"], keys["secret_access_key"])
        target, headers = signer.sign("POST", target, [("Host", address), *headers], body, time.time())
    return target, headers, body
