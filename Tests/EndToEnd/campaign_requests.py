"""Requests that are nearly right, in every way that a request can be nearly right.

Each request is drawn from its own generator, seeded with the campaign's seed and the request's
number, so that one that fails can be made again by itself.
"""

import json
import random
from dataclasses import dataclass, field

from daemon import CHAT, EMBED, RERANK

USER = [{"role": "user", "content": "Say hello."}]
TOOL = {"type": "function", "function": {
    "name": "weather", "description": "The weather of a place.",
    "parameters": {"type": "object", "properties": {"place": {"type": "string"}}}}}

# Bodies that are right, by method and path. All are cheap: a token or two.
TEMPLATES = {
    "POST /v1/chat/completions": {
        "model": CHAT, "messages": USER, "max_tokens": 1, "temperature": 0, "seed": 1,
        "stop": ["\n"], "stream": False, "tools": [TOOL], "response_format": {"type": "text"}},
    "POST /v1/completions": {"model": CHAT, "prompt": "One, two,", "max_tokens": 1, "stream": True},
    "POST /completion": {"model": CHAT, "prompt": [1, 2, 3], "n_predict": 1, "n_probs": 2},
    "POST /infill": {"model": CHAT, "input_prefix": "a", "input_suffix": "b", "n_predict": 1},
    "POST /apply-template": {"model": CHAT, "messages": USER},
    "POST /v1/responses": {"model": CHAT, "input": "Hello", "max_output_tokens": 1},
    "POST /v1/messages": {
        "model": CHAT, "max_tokens": 1, "system": "Be short.", "messages": USER, "stream": False},
    "POST /v1/messages/count_tokens": {"model": CHAT, "messages": USER},
    "POST /v1/embeddings": {"model": EMBED, "input": ["a llama", "an alpaca"]},
    "POST /v1/rerank": {"model": RERANK, "query": "wool", "documents": ["llama", "snake"],
                        "top_n": 1},
    "POST /tokenize": {"model": CHAT, "content": "Hello", "with_pieces": True},
    "POST /detokenize": {"model": CHAT, "tokens": [1, 2, 3]},
    "POST /corral/v1/load": {"model": CHAT, "role": "chat", "keep_alive": "5m"},
    "POST /corral/v1/unload": {"model": EMBED, "role": "embed"},
    "POST /corral/v1/pin": {"model": CHAT, "pinned": False, "role": "chat"},
    "POST /corral/v1/hint": {"model": CHAT, "role": "chat"},
    "POST /corral/v1/what-if": {"model": CHAT, "role": "chat"},
    "POST /api/chat": {"model": CHAT, "messages": USER, "stream": False, "keep_alive": "5m",
                       "options": {"num_predict": 1, "temperature": 0, "stop": ["\n"]}},
    "POST /api/generate": {"model": CHAT, "prompt": "Hi", "stream": False,
                           "options": {"num_predict": 1}},
    "POST /api/embed": {"model": EMBED, "input": ["a llama"]},
    "POST /api/embeddings": {"model": EMBED, "prompt": "a llama"},
    "POST /api/show": {"model": CHAT},
    "POST /v2/rerank": {"model": RERANK, "query": "wool", "documents": ["llama", "snake"]},
}

METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get",
           "PROPFIND", "FROB", "G\x01T", ""]

SCALARS = [
    None, True, False, 0, 1, -1, 0.5, -0.0, 1e308, 10**18, 2**63, 2**64, -2**63, 10**400, "", " ",
    "0", "true", "null", "\x00", "\u202e", "\ud800", "😀" * 50, "a" * 10_000, "../../etc/passwd",
    "%s%n%x", "{{7*7}}", "<script>", "'; DROP TABLE models;--", [], {}, [[]], [None], {"": {}},
]

PATHS = [
    "/", "//", "/v1", "/v1/", "/v1/nothing", "/v1/models", "/v1/models/", "/v1/models/" + CHAT,
    "/v1/models/%2e%2e%2f", "/v1/models/%ff", "/v1/models/%zz", "/v1/models/" + "x" * 5000,
    "/v1/models/a/b/c", "/v1/models?a=b&c", "/v1/models#x", "/../../etc/passwd", "/%00", "/%",
    "/v1/chat/completions/", "/V1/CHAT/COMPLETIONS", "/v1//chat/completions", "*", "",
    "http://localhost/v1/models", "http://evil.example/v1/models", "/v1/models;x", "/\\..\\",
    "/favicon.ico", "/metrics", "/api/tags", "/api/ps", "/api/version", "/health?" + "q" * 3000,
    "/corral/v1/status", "/corral/v1/nothing", "/slots", "/props", "/lora-adapters", "/?%s",
]

HEADERS = [
    "Host: evil.example", "Host:", "Host: localhost, localhost", "Origin: https://evil.example",
    "Origin: null", "Origin: http://localhost", "Authorization: Bearer " + "k" * 5000,
    "Authorization: Basic !!!", "x-api-key:", "X-Request-Id: " + "i" * 300, "X-Request-Id: \x01",
    "X-Corral-Keep-Alive: soon", "X-Corral-Keep-Alive: -1", "Accept: */*;q=x", "Accept: text/html",
    "Content-Type: text/plain", "Content-Type: multipart/form-data", "Content-Type: ",
    "Content-Encoding: gzip", "Expect: 100-continue", "Expect: nonsense", "Connection: close",
    "Connection: upgrade\r\nUpgrade: h2c", "Upgrade: websocket", "Transfer-Encoding: gzip",
    "Range: bytes=0-1", "If-Match: *", "X: " + "y" * 30_000, "X: " + "y" * 70_000, "bad header",
    ": empty", "Nul: a\x00b", "Fold: a\r\n b", "Accept-Encoding: br", "Keep-Alive: timeout=-1",
    "Te: trailers", "Forwarded: for=1.2.3.4", "Content-Length: 5", "Content-Length: -1",
    "Content-Length: 99999999999999999999", "Content-Length: 1, 2", "Transfer-Encoding: chunked",
    "\r\n".join(f"X-{number}: y" for number in range(300)),
    "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x",
]


@dataclass
class Case:
    """What is sent, and how the sender behaves."""

    number: int
    kind: str
    # Pieces are sent one by one.
    pieces: list
    # What the path asks for, to know in whose words an error must be.
    path: str
    method: str = "POST"
    # "read", "leave" (close at once), "reset", "half" (no more to say, but listens)
    ending: str = "read"
    # Whether the whole is one request of HTTP that must be answered.
    must_answer: bool = True
    notes: list = field(default_factory=list)

    @property
    def sent(self):
        return b"".join(self.pieces)


class Maker:
    """Draws the requests of one campaign."""

    def __init__(self, seed, routes=()):
        self.seed = seed
        self.templates = dict(TEMPLATES)
        for route in routes:
            self.templates.setdefault(route, {"model": CHAT} if route.startswith("POST") else None)
        self.names = sorted(self.templates)

    def case(self, number):
        dice = random.Random(f"{self.seed}:{number}")
        kinds = [(self.valid, 10), (self.wrong_value, 34), (self.wrong_text, 16),
                 (self.framing, 12), (self.headers, 9), (self.path, 7), (self.methods, 4),
                 (self.pipelined, 4), (self.departure, 4)]
        make = dice.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        case = make(dice, number)
        case.kind = make.__name__
        return case

    # Kinds

    def valid(self, dice, number):
        route, body = self._template(dice)
        return self._case(number, route, body)

    def wrong_value(self, dice, number):
        route, body = self._template(dice, with_body=True)
        for _ in range(dice.choice([1, 1, 1, 2, 4])):
            body = self._mutated(dice, body)
        return self._case(number, route, body)

    def wrong_text(self, dice, number):
        route, body = self._template(dice, with_body=True)
        text = bytearray(_dump(body))
        for _ in range(dice.choice([1, 1, 2])):
            self._damage(dice, text)
        return self._case(number, route, bytes(text))

    def framing(self, dice, number):
        route, body = self._template(dice, with_body=True)
        method, path = route.split(" ", 1)
        text = _dump(body)
        size = len(text)
        chunk = b"%x\r\n" % size + text + b"\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
        json_type = "Content-Type: application/json\r\n"
        te, cl = "Transfer-Encoding: chunked\r\n", f"Content-Length: {size}\r\n"
        forms = [
            # headers, body, must it be answered, ending
            (te, chunk + b"0\r\n\r\n", True, "read"),
            (te, b"".join(b"1\r\n" + text[i:i + 1] + b"\r\n" for i in range(min(size, 200)))
             + b"%x\r\n" % max(0, size - 200) * (size > 200) + text[200:]
             + b"\r\n" * (size > 200) + b"0\r\n\r\n", True, "read"),
            (te, chunk + b"0\r\nTrailer: x\r\n\r\n", True, "read"),
            (te, b"%x;ext=1\r\n" % size + text + b"\r\n0\r\n\r\n", True, "read"),
            (te, chunk, False, "half"), (te, chunk[: size // 2], False, "leave"),
            (te, b"zz\r\n" + text, True, "read"), (te, b"-1\r\n" + text, True, "read"),
            (te, b"ffffffffffffffffff\r\n" + text, True, "read"),
            (te, chunk.replace(b"\r\n", b"\n") + b"0\n\n", False, "half"),
            (cl, text[: size // 2], False, "half"), (cl, text[: size // 2], False, "leave"),
            (cl, text[: size // 2], False, "reset"),
            (f"Content-Length: {max(0, size - 3)}\r\n", text, True, "read"),
            (cl + te, chunk + b"0\r\n\r\n", True, "read"),
            (cl + f"Content-Length: {size + 1}\r\n", text, True, "read"),
            (cl + cl, text, True, "read"),
            ("Content-Length: 0x10\r\n", text, True, "read"),
            ("Content-Length: 18446744073709551616\r\n", text, True, "read"),
            ("Content-Length: 99999999999\r\n", text, True, "read"),
            (te + te, chunk + b"0\r\n\r\n", False, "half"),
            ("Transfer-Encoding: chunked, gzip\r\n", chunk + b"0\r\n\r\n", False, "half"),
            ("Transfer-Encoding: identity\r\n" + cl, text, False, "half"),
            ("", text, True, "half"),
        ]
        headers, content, must_answer, ending = dice.choice(forms)
        whole = (head + json_type + headers + "\r\n").encode() + content
        case = Case(number, "", self._pieces(dice, whole), path, method, ending, must_answer)
        return case

    def headers(self, dice, number):
        route, body = self._template(dice)
        extra = [dice.choice(HEADERS) for _ in range(dice.choice([1, 1, 2, 3]))]
        case = self._case(number, route, body, extra, host=dice.random() < 0.8)
        lengths = ("Content-Length", "Transfer-Encoding", "Expect", "Upgrade")
        if any(name in line for line in extra for name in lengths):
            case.ending = "half"
        return case

    def path(self, dice, number):
        path = dice.choice(PATHS)
        if dice.random() < 0.3:
            letters = [chr(dice.randrange(0x21, 0x7F)) for _ in range(dice.randrange(1, 40))]
            path = "/" + "".join(letters)
        if dice.random() < 0.1:
            path += "\xff\xfe"
        method = dice.choice(["GET", "GET", "POST", "HEAD", "OPTIONS"])
        case = self._case(number, f"{method} {path}", {"model": CHAT} if method == "POST" else None)
        case.ending = "half"
        return case

    def methods(self, dice, number):
        route, body = self._template(dice)
        path = route.split(" ", 1)[1]
        method = dice.choice(METHODS)
        version = dice.choice(["HTTP/1.1"] * 6 + ["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.1x",
                                                  "http/1.1", ""])
        case = self._case(number, f"{method} {path}", body, version=version)
        case.ending = "half"
        if dice.random() < 0.1:
            preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            case.pieces, case.method = [preface], "PRI"
        return case

    def pipelined(self, dice, number):
        cases = [dice.choice([self.valid, self.wrong_value, self.wrong_text])(dice, number)
                 for _ in range(dice.randrange(2, 5))]
        whole = b"".join(case.sent for case in cases)
        last = cases[-1]
        return Case(number, "", self._pieces(dice, whole), cases[0].path, cases[0].method, "read",
                    notes=[(case.method, case.path) for case in cases])

    def departure(self, dice, number):
        route, body = self._template(dice, with_body=True)
        if dice.random() < 0.7 and isinstance(body, dict):
            body = {**body, "stream": True}
            for key in ("max_tokens", "n_predict", "max_output_tokens"):
                if key in body:
                    body[key] = 64
        case = self._case(number, route, body)
        case.ending = dice.choice(["leave", "reset", "half", "first-byte"])
        case.must_answer = False
        return case

    # Parts

    def _template(self, dice, with_body=False):
        while True:
            route = dice.choice(self.names)
            # Loading and unloading take a while; a few of them say as much as many.
            if route.startswith("POST /corral/v1/") and dice.random() < 0.5:
                continue
            body = self.templates[route]
            if body is None and with_body:
                continue
            if isinstance(body, dict) and "stream" in body and dice.random() < 0.3:
                body = {**body, "stream": not body["stream"]}
            return route, body

    def _case(self, number, route, body, extra=(), host=True, version="HTTP/1.1"):
        method, path = route.split(" ", 1)
        content = b"" if body is None else body if isinstance(body, bytes) else _dump(body)
        lines = [f"{method} {path} {version}"]
        if host:
            lines.append("Host: localhost")
        lines.extend(extra)
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return Case(number, "", [head + content], path, method)

    def _pieces(self, dice, whole):
        """The whole, cut anywhere."""
        if dice.random() < 0.5 or len(whole) < 3:
            return [whole]
        cuts = sorted(dice.sample(range(1, len(whole)), min(3, len(whole) - 1)))
        return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)])]

    def _mutated(self, dice, body):
        """A body with one value changed somewhere."""
        if not isinstance(body, (dict, list)) or not body:
            return dice.choice(SCALARS)
        kind = dice.randrange(10)
        copy = body.copy()
        if isinstance(copy, dict):
            key = dice.choice(sorted(copy))
            if kind == 0:
                del copy[key]
            elif kind == 1:
                copy[dice.choice(["model", "n", "stream", "keep_alive", "logit_bias", "grammar",
                                  "json_schema", "images", "x" * 300, "\u0000"])] = (
                    dice.choice(SCALARS))
            elif kind in (2, 3) and isinstance(copy[key], (dict, list)):
                copy[key] = self._mutated(dice, copy[key])
            elif kind == 4:
                copy[key] = _nested(dice.choice([20, 200, 600, 5000]), dice.random() < 0.5)
            elif kind == 5:
                copy = _Doubled(copy, key, dice.choice(SCALARS))
            else:
                copy[key] = dice.choice(SCALARS)
        else:
            index = dice.randrange(len(copy))
            if kind == 0:
                copy.pop(index)
            elif kind in (1, 2):
                copy[index] = self._mutated(dice, copy[index])
            elif kind == 3:
                copy *= 40
            else:
                copy[index] = dice.choice(SCALARS)
        return copy

    def _damage(self, dice, text):
        kind = dice.randrange(8)
        place = dice.randrange(len(text) + 1) if text else 0
        if kind == 0:
            del text[place:]
        elif kind == 1 and text:
            text[place % len(text)] ^= 1 << dice.randrange(8)
        elif kind == 2:
            text[place:place] = dice.choice([b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5", b"\x00"])
        elif kind == 3:
            text[:0] = dice.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"  \n", b"//c\n", b")]}',\n"])
        elif kind == 4:
            text += dice.choice([b"}", b",", b"{}", b"\x00", b"\n\n", b"garbage"])
        elif kind == 5:
            text[place:place] = dice.choice([b"NaN", b"Infinity", b"'", b"\\u12", b"\\ud800", b"0x1",
                                             b"01", b"1e", b"+1", b"--1", b"1" * 5000])
        elif kind == 6:
            end = min(len(text), place + dice.randrange(1, 20))
            del text[place:end]
        else:
            text[:] = dice.choice([b"", b"null", b"[]", b"0", b'"text"', b"{", b"[" * 100_000,
                                   b'{"a":' * 5000, b'{"model":', b"\x1f\x8b\x08", b"model=x&y=z"])


class _Doubled(dict):
    """A JSON object with one key twice."""

    def __init__(self, members, key, other):
        super().__init__(members)
        self.key, self.other = key, other


def _nested(depth, is_list):
    return _Raw(b"[" * depth + b"]" * depth if is_list else b'{"a":' * depth + b"1" + b"}" * depth)


class _Raw:
    """JSON as it stands."""

    def __init__(self, text):
        self.text = text


def _dump(value):
    """JSON in bytes; lone surrogates are escaped, as Python does."""
    if isinstance(value, _Raw):
        return value.text
    if isinstance(value, dict):
        members = list(value.items())
        if isinstance(value, _Doubled):
            members.append((value.key, value.other))
        return b"{" + b",".join(
            json.dumps(key).encode() + b":" + _dump(item) for key, item in members) + b"}"
    if isinstance(value, list) and len(value) < 200:
        return b"[" + b",".join(_dump(item) for item in value) + b"]"
    return json.dumps(value).encode()
