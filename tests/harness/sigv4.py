"""AWS Signature Version 4 for requests of our tests: header form and query form."""

import hashlib
import hmac
from datetime import datetime, timezone
from email.utils import format_datetime
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"


def amz_date(when):
    return datetime.fromtimestamp(when, timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def canonical_path(path):
    """The path is encoded once more, segment by segment; only S3 takes it as it is."""
    return "/".join(quote(segment, safe="-_.~") for segment in path.split("/")) or "/"


def canonical_query(query, leave_out=()):
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name not in leave_out:
            pairs.append((name, value))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_headers(headers, signed):
    """`headers` is a list of (name, value); values of one name are joined in their order."""
    lines = []
    for name in signed:
        values = [" ".join(value.split()) for key, value in headers if key.lower() == name]
        lines.append(f"{name}:{','.join(values)}\n")
    return "".join(lines)


def signing_key(secret, day, region, service):
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


class Signer:
    """Keys and scope; sign() returns the request target and headers to send."""

    def __init__(self, key, secret, token="", region="us-east-1", service="mobileanalytics"):
        self.key, self.secret, self.token = key, secret, token
        self.region, self.service = region, service

    def signature(self, method, target, headers, signed, payload_hash, stamp):
        path, _, query = target.partition("?")
        request = "\n".join(
            [
                method,
                canonical_path(path),
                canonical_query(query, leave_out=("X-Amz-Signature",)),
                canonical_headers(headers, signed),
                ";".join(signed),
                payload_hash,
            ]
        )
        text = "\n".join([ALGORITHM, stamp, self.scope(stamp), hashlib.sha256(request.encode()).hexdigest()])
        key = signing_key(self.secret, stamp[:8], self.region, self.service)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def scope(self, stamp):
        return f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"

    def sign(self, method, target, headers, body, when, *, signed=None, date="amz"):
        """Header form. `date` is amz (X-Amz-Date) or http (Date)."""
        stamp = amz_date(when)
        headers = list(headers)
        if date == "http":
            headers.append(("Date", format_datetime(datetime.fromtimestamp(when, timezone.utc), usegmt=True)))
        elif not any(name.lower() == "x-amz-date" for name, _ in headers):
            headers.append(("X-Amz-Date", stamp))
        if self.token:
            headers.append(("X-Amz-Security-Token", self.token))
        signed = sorted(signed or self.names_to_sign(headers, date))
        payload_hash = hashlib.sha256(body).hexdigest()
        signature = self.signature(method, target, headers, signed, payload_hash, stamp)
        credential = f"Credential={self.key}/{self.scope(stamp)}"
        value = f"{ALGORITHM} {credential}, SignedHeaders={';'.join(signed)}, Signature={signature}"
        return target, headers + [("Authorization", value)]

    def sign_query(self, method, target, headers, body, when, *, signed=None, expires=300):
        """Query form: everything the verifier needs is in the target."""
        stamp = amz_date(when)
        signed = sorted(signed or [n for n in self.names_to_sign(headers, "amz") if n != "x-amz-date"])
        parts = [
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", f"{self.key}/{self.scope(stamp)}"),
            ("X-Amz-Date", stamp),
            ("X-Amz-Expires", str(expires)),
            ("X-Amz-SignedHeaders", ";".join(signed)),
        ]
        if self.token:
            parts.append(("X-Amz-Security-Token", self.token))
        added = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in parts)
        target += ("&" if "?" in target else "?") + added
        payload_hash = hashlib.sha256(body).hexdigest()
        signature = self.signature(method, target, headers, signed, payload_hash, stamp)
        return f"{target}&X-Amz-Signature={signature}", list(headers)

    @staticmethod
    def names_to_sign(headers, date):
        names = {name.lower() for name, _ in headers}
        chosen = {n for n in names if n in ("host", "content-type") or n.startswith("x-amz")}
        if date == "http":
            chosen.add("date")
        return chosen
