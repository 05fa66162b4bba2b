"""What each fuzz target starts from: requests of the recorded exchanges (tests/compat), the examples of the
format pages, seeds/TARGET.txt (one input a line, with \\n \\r \\t \\0 \\\\ and \\xHH), and crashes/TARGET/, inputs
that once broke something."""

import base64
import gzip
import hashlib
import random
import re
import sys
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "compat"))
import exchange  # noqa: E402

SEED_BYTES_MAX = 4096
# An application of src/api/fuzz_world.h, and its credentials there.
GIVEN = {
    "APP_ID": "vendor",
    "ACCOUNT_ID": "ACCOUNT-vendor",
    "PASSCODE": "passcode",
    "MA_APP_ID": "ma-vendor",
    "ACCESS_KEY": "AKvendor",
    "SECRET_KEY": "secret",
    "API_TOKEN": "token-vendor",
    "PROJECT_ID": "project-vendor",
    "API_TOKEN_BASIC": base64.b64encode(b"token-vendor:").decode(),
    "QUERY_TOKEN": "no-token",
    "HOST": "localhost",
    "POSITION": "1",
}
MOMENT = 1_700_000_000.123  # of the fuzz worlds' clock
LIMITS = re.compile(r"app set \S+ limits=(\w+)")


class FixedVariables(exchange.Variables):
    """The same text every time."""

    def __init__(self, name):
        super().__init__(GIVEN)
        self.now = MOMENT
        self.name = name

    def value(self, inside):
        if inside.startswith("UUID"):
            return str(uuid.uuid5(uuid.NAMESPACE_URL, self.name + inside))
        return super().value(inside)


def recorded(folder):
    """(head, body on the wire, body, the setting `limits`) of each request of a folder that is not too large."""
    for path in sorted((ROOT / "tests/compat" / folder).glob("*.http")):
        variables = FixedVariables(path.stem)
        for one in exchange.read_exchanges(path):
            if len(one.request) > SEED_BYTES_MAX or "REPEAT" in one.request or "repeat" in one.one("body"):
                continue
            message = exchange.prepare(one, variables)
            steps = variables.expand(one.one("body")).replace("chunked", "")
            body = message.body
            if not one.flag("raw"):
                body = exchange.apply_steps(exchange.split_head(variables.expand(one.request))[4].encode(), steps)[0]
            limits = next((m.group(1) for m in map(LIMITS.search, one.all("setup")) if m), "vendor")
            if len(message.head) + len(message.body) <= SEED_BYTES_MAX:
                yield message.head, message.body, body, limits


def endpoint_seeds(folder):
    for head, _, body, limits in recorded(folder):
        lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        wanted = [line for line in lines[1:] if not line.lower().startswith((b"host:", b"content-length:"))]
        target = re.sub(rb"([?&])appId=[^&]*&?", rb"\1", lines[0].split(b" ")[1])
        yield b"\n".join([b"POST " + target + b" HTTP/1.1", b"limits: " + limits.encode(), *wanted, b"", body])


def target_of(head):
    return head.split(b" ")[1]


def header_of(head, name):
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""


def sigv4_seeds():
    """A path, "?", the query, the headers, an empty line, the body."""
    for head, _, body, _ in recorded("mobile_analytics"):
        path, _, query = target_of(head).partition(b"?")
        lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")[1:]
        yield path + b"?" + query + b"\n" + b"\n".join(lines) + b"\n\n" + body


def bodies(*folders):
    for folder in folders:
        for _, _, body, _ in recorded(folder):
            yield body


def sql_seeds():
    for path in sorted((ROOT / "tests/compat").glob("*/*.http")):
        for one in exchange.read_exchanges(path):
            for query in one.queries():
                yield FixedVariables(path.stem).expand(query.sql).encode()


def journal_example():
    """The bytes of the example in docs/formats/journal.md."""
    page = (ROOT / "docs/formats/journal.md").read_text()
    example = page[page.index("## Example: a segment of two records") :]
    example = example[: example.index("## Example", 3)]
    rows = re.findall(r"(?m)^    [0-9a-f]{4}  ((?:[0-9a-f]{2} ){0,15}[0-9a-f]{2})(?:\s|$)", example)
    return bytes.fromhex("".join(rows))


def journal_seeds():
    segment = journal_example()
    yield b"\x02" + segment
    yield b"\x01" + segment
    chance = random.Random(1)
    for sizes in (3, 8):
        changes = b"".join(bytes([0, chance.randrange(256), chance.randrange(256)]) for _ in range(sizes))
        yield b"\x00" + bytes(chance.randrange(200) for _ in range(8)) + changes


def record_seeds():
    segment = journal_example()
    yield segment[0x38:0x9A]
    yield segment[0xAE:0xD2]


def compressed_seeds():
    for body in bodies("clickstream"):
        yield gzip.compress(body, mtime=0)
        break
    for head, _, body, _ in recorded("clevertap"):
        coding = header_of(head, b"content-encoding")
        if coding:
            yield body
            yield coding + b"\n" + body


def text_seeds():
    for api in ("clickstream", "clevertap", "mobile_analytics"):
        for head, _, _, _ in recorded(api):
            query = target_of(head).partition(b"?")[2]
            if query:
                yield query
            for name in (b"authorization", b"x-amz-client-context"):
                if value := header_of(head, name):
                    yield value.removeprefix(b"Basic ")


def enrich_seeds():
    texts = set()
    for api in ("clickstream", "segmentstream", "clevertap", "mobile_analytics"):
        for head, _, body, _ in recorded(api):
            texts |= set(re.findall(rb"https?://[^\"\\ ]+", body))
            texts.add(header_of(head, b"user-agent"))
    yield from sorted(filter(None, texts))
    rules = Path("/usr/share/uap-core/regexes.yaml")
    if rules.is_file():
        yield rules.read_bytes()[:SEED_BYTES_MAX]


def settings_seeds():
    for path in sorted((ROOT / "tests").rglob("*.toml")):
        yield path.read_bytes()
    # Each key with its default, as docs/settings.md lists them.
    page = (ROOT / "docs/settings.md").read_text()
    for section, key, default in re.findall(r"(?m)^\|\s*`(\w+)\.(\w+)`\s*\|\s*`([^`]*)`", page):
        yield f"[{section}]\n{key} = {default if default.startswith(('[', 'true', 'false')) else repr(default)}\n".encode()


def manifest_seeds():
    page = (ROOT / "docs/formats/store.md").read_text()
    for block in re.findall(r"(?m)(?:^    .*\n)+", page):
        text = re.sub(r"(?m)^    ", "", block)
        if text.lstrip().startswith("{"):
            inner = text[text.index('"manifest":') + 11 : text.rindex("}")]
            yield inner.replace('"api",…', '"api"').encode()


def wire_seeds():
    for folder in sorted(p.name for p in (ROOT / "tests/compat").iterdir() if p.is_dir()):
        for head, body, _, _ in recorded(folder):
            yield head + body[:1500]


MADE = {
    "api_clickstream_endpoint": lambda: endpoint_seeds("clickstream"),
    "api_clevertap_endpoint": lambda: endpoint_seeds("clevertap"),
    "api_mobile_analytics_endpoint": lambda: endpoint_seeds("mobile_analytics"),
    "api_segmentstream_endpoint": lambda: endpoint_seeds("segmentstream"),
    "api_sigv4_sigv4": sigv4_seeds,
    "codec_compression": compressed_seeds,
    "codec_text": text_seeds,
    "enrich_enrich": enrich_seeds,
    "event_record": record_seeds,
    "http_http": wire_seeds,
    "journal_journal": journal_seeds,
    "json_value": lambda: bodies("clickstream", "segmentstream"),
    "settings_settings": settings_seeds,
    "store_duckdb_guard": sql_seeds,
    "store_duckdb_manifest": manifest_seeds,
}


def hand_made(target):
    path = HERE / "seeds" / f"{target}.txt"
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield exchange.unescape(line)


def write(target, folder):
    """Fills `folder` with the seeds of `target`; returns how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for seed in [*MADE.get(target, list)(), *hand_made(target)]:
        (folder / hashlib.sha1(seed).hexdigest()[:16]).write_bytes(seed)
    crashes = HERE / "crashes" / target
    for path in sorted(crashes.iterdir()) if crashes.is_dir() else []:
        (folder / path.name).write_bytes(path.read_bytes())
    return len(list(folder.iterdir()))
