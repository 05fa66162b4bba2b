"""Reads NAME.http and NAME.reply as README.md describes them, and makes the bytes to send."""

import base64
import gzip
import hashlib
import re
import shlex
import sys
import time
import uuid
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.sigv4 import Signer, amz_date  # noqa: E402

DIRECTIVES = {
    "body", "sign", "setup", "teardown", "sql", "rows", "connection", "expect-continue", "expect-close", "raw", "note"
}  # fmt: skip
CHUNK_BYTES = 1000


class Mistake(Exception):
    """A file that does not keep to the format."""


@dataclass
class Query:
    sql: str
    rows: str = ""


@dataclass
class Exchange:
    """One request, what is done around it, and the text of the answer it must get."""

    name: str
    number: int
    directives: list = field(default_factory=list)
    request: str = ""
    reply: str = ""

    def one(self, word, default=""):
        return next((value for key, value in self.directives if key == word), default)

    def all(self, word):
        return [value for key, value in self.directives if key == word]

    def flag(self, word):
        return self.one(word) == "yes"

    def queries(self):
        found = []
        for word, value in self.directives:
            if word == "sql":
                found.append(Query(value))
            elif word == "rows":
                if not found or found[-1].rows:
                    raise Mistake("# rows: without a # sql: before it")
                found[-1].rows = value
        if any(not query.rows for query in found):
            raise Mistake("# sql: without # rows:")
        return found


def split_parts(text):
    """Exchanges are divided by a line of three number signs."""
    return re.split(r"(?m)^###[ \t]*\n", text)


def without_last_line_end(text):
    return text[:-1] if text.endswith("\n") else text


def read_directives(lines):
    """(directives, number of lines used)."""
    found, used, joined = [], 0, None
    for line in lines:
        if not line.startswith("#"):
            break
        used += 1
        text = line[1:].strip()
        if joined is not None:
            joined += " " + text.rstrip("\\").strip()
        else:
            match = re.match(r"([a-z-]+):(?:\s+(.*))?$", text)
            if not match:
                continue
            if match.group(1) not in DIRECTIVES:
                raise Mistake(f'no such directive: "# {match.group(1)}:" (write # note: for a comment)')
            word, joined = match.group(1), (match.group(2) or "").rstrip("\\").strip()
        if text.endswith("\\"):
            continue
        found.append((word, joined))
        joined = None
    return found, used


def read_exchanges(path):
    parts = split_parts(path.read_text(encoding="utf-8"))
    reply_path = path.with_suffix(".reply")
    replies = split_parts(reply_path.read_text(encoding="utf-8")) if reply_path.is_file() else [""] * len(parts)
    if len(parts) != len(replies):
        raise Mistake(f"{len(parts)} requests and {len(replies)} replies")
    exchanges = []
    for number, (part, reply) in enumerate(zip(parts, replies), 1):
        exchange = Exchange(path.stem, number, reply=reply)
        lines = part.split("\n")
        while lines and not lines[0].strip():
            lines.pop(0)
        exchange.directives, used = read_directives(lines)
        exchange.request = without_last_line_end("\n".join(lines[used:]))
        if not exchange.request.strip():
            raise Mistake(f"exchange {number} holds no request")
        exchanges.append(exchange)
    return exchanges


# ---- variables ------------------------------------------------------------------------------


class Variables:
    """Values of ${...}. One object serves one file, so that ${UUID} is the same throughout it."""

    def __init__(self, given):
        self.given = dict(given)
        self.now = time.time()
        self.uuids = {}

    def expand(self, text):
        out, position = [], 0
        while (start := text.find("${", position)) >= 0:
            end = closing_brace(text, start + 1)
            out.append(text[position:start])
            out.append(self.value(text[start + 2 : end]))
            position = end + 1
        out.append(text[position:])
        return "".join(out)

    def value(self, inside):
        name, _, rest = inside.partition(" ")
        if rest:
            return self.call(name, rest)
        if name in self.given:
            return self.given[name]
        if match := re.fullmatch(r"UUID(_\w+)?", name):
            return self.uuids.setdefault(match.group(0), str(uuid.uuid4()))
        if match := re.fullmatch(r"NOW_(MS|S)([+-]\d+)?", name):
            scale = 1000 if match.group(1) == "MS" else 1
            return str(int(self.now * scale) + int(match.group(2) or 0))
        if name == "NOW_ISO":
            moment = datetime.fromtimestamp(int(self.now * 1000) / 1000, timezone.utc)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if name == "AMZ_DATE":
            return amz_date(self.now)
        raise Mistake(f"no such variable: ${{{inside}}}")

    def call(self, name, rest):
        if name in ("REPEAT", "LIST"):
            count, _, item = rest.partition(" ")
            item = self.expand(item)
            if name == "REPEAT":
                return item * int(count)
            return ",".join(item.replace("{{i}}", str(i)) for i in range(1, int(count) + 1))
        text = self.expand(rest).encode()
        if name == "BASE64":
            return base64.b64encode(text).decode()
        if name == "GZIP_BASE64":
            return base64.b64encode(gzip.compress(text, mtime=0)).decode()
        if name == "URLENCODE":
            return quote(text, safe="")
        if name == "SHA256_8":
            return hashlib.sha256(text).hexdigest()[:8]
        raise Mistake(f"no such function: ${{{name} …}}")


def closing_brace(text, opening):
    depth = 0
    for index in range(opening, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if depth == 0:
            return index
    raise Mistake(f"no closing brace: {text[opening - 1 : opening + 40]}")


def options_of(text):
    """'aws a=b c=d' -> {'': 'aws', 'a': 'b', 'c': 'd'}"""
    found = {}
    for word in shlex.split(text):
        key, equals, value = word.partition("=")
        found[key if equals else ""] = value if equals else word
    return found


# ---- the bytes to send ----------------------------------------------------------------------


def unescape(text):
    """\\n \\r \\t \\0 \\\\ and \\xHH become bytes; the rest is UTF-8."""
    simple = {"n": b"\n", "r": b"\r", "t": b"\t", "0": b"\0", "\\": b"\\"}
    out, position = b"", 0
    for match in re.finditer(r"\\(x[0-9A-Fa-f]{2}|.)", text, re.DOTALL):
        out += text[position : match.start()].encode()
        code = match.group(1)
        if len(code) == 3:
            out += bytes([int(code[1:], 16)])
        elif code in simple:
            out += simple[code]
        else:
            out += match.group(0).encode()
        position = match.end()
    return out + text[position:].encode()


def apply_steps(body, steps):
    """(body, whether it goes out chunked)."""
    words, chunked = steps.split(), False
    while words:
        step = words.pop(0)
        if step == "gzip":
            body = gzip.compress(body, mtime=0)
        elif step == "deflate":
            body = zlib.compress(body)
        elif step == "raw-deflate":
            packer = zlib.compressobj(wbits=-15)
            body = packer.compress(body) + packer.flush()
        elif step == "base64":
            body = base64.b64encode(body)
        elif step == "hex":
            body = bytes.fromhex(re.sub(r"\s", "", body.decode()))
        elif step == "escapes":
            body = unescape(body.decode())
        elif step == "repeat":
            body = words[1].encode() * int(words[0])
            words = words[2:]
        elif step == "chunked":
            chunked = True
        else:
            raise Mistake(f'no such step of "# body:": {step}')
    return body, chunked


def chunk(body):
    out = b""
    for start in range(0, len(body), CHUNK_BYTES):
        part = body[start : start + CHUNK_BYTES]
        out += b"%x\r\n%s\r\n" % (len(part), part)
    return out + b"0\r\n\r\n"


def flip_last(text):
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@dataclass
class Message:
    """A request ready to go: its head and its body apart, for `Expect: 100-continue`."""

    method: str
    head: bytes
    body: bytes


def sign(options, variables, message):
    """`message` is (method, target, headers, body); the same with the signature added."""
    method, target, headers, body = message
    if options.get("") != "aws":
        raise Mistake('"# sign:" knows aws only')
    signer = Signer(
        options.get("key", variables.given.get("ACCESS_KEY", "")),
        options.get("secret", variables.given.get("SECRET_KEY", "")),
        options.get("token", ""),
        options.get("region", "us-east-1"),
        options.get("service", "mobileanalytics"),
    )
    when = time.time() + float(options.get("skew", 0))
    signed = options["headers"].split(";") if "headers" in options else None
    if options.get("in", "header") == "query":
        target, headers = signer.sign_query(method, target, headers, body, when, signed=signed)
    else:
        target, headers = signer.sign(
            method, target, headers, body, when, signed=signed, date=options.get("date", "amz")
        )
    return damage(options.get("break"), (method, target, headers, body))


def damage(what, message):
    method, target, headers, body = message
    if what == "body":
        body += b" "
    elif what == "signature":
        if "X-Amz-Signature=" in target:
            target = flip_last(target)
        headers = [(n, flip_last(v) if n == "Authorization" else v) for n, v in headers]
    elif what == "date":
        headers = [(n, flip_last(v[:-1]) + "Z" if n.lower() == "x-amz-date" else v) for n, v in headers]
    elif what:
        raise Mistake(f"break={what}: signature, body or date")
    return method, target, headers, body


def split_head(request):
    head, _, body = request.partition("\n\n")
    lines = head.rstrip("\n").split("\n")
    words = lines[0].split(" ")
    if len(words) < 3:
        raise Mistake(f"no request line: {lines[0]}")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise Mistake(f"no header: {line}")
        headers.append((name, value.strip()))
    return words[0], " ".join(words[1:-1]), words[-1], headers, body


def prepare(exchange, variables):
    text = variables.expand(exchange.request)
    if exchange.flag("raw"):
        return Message(text.split(" ")[0], unescape(text.replace("\n", "")), b"")
    method, target, version, headers, body_text = split_head(text)
    body, chunked = apply_steps(body_text.encode(), variables.expand(exchange.one("body")))
    # The length is put in after signing, since a damaged body may have another one.
    place = next((i for i, (n, v) in enumerate(headers) if n.lower() == "content-length" and v == "auto"), None)
    if exchange.one("sign"):
        rest = [h for i, h in enumerate(headers) if i != place]
        options = options_of(variables.expand(exchange.one("sign")))
        method, target, headers, body = sign(options, variables, (method, target, rest, body))
        if place is not None:
            headers.append(("Content-Length", str(len(body))))
    elif place is not None:
        headers[place] = (headers[place][0], str(len(body)))
    if chunked:
        headers.append(("Transfer-Encoding", "chunked"))
        body = chunk(body)
    lines = [f"{method} {target} {version}"] + [f"{name}: {value}" for name, value in headers]
    return Message(method, "\r\n".join(lines).encode() + b"\r\n\r\n", body)
