"""HTTP/1.1 over one connection, with as little between clock and socket as Python allows."""

import json
import socket
import time
from dataclasses import dataclass

Address = str | tuple[str, int]  # a unix socket's path, or host and port


@dataclass(frozen=True)
class Answer:
    """An answer and when its parts came, in seconds after the request was handed to the kernel."""

    status: int
    head: bytes
    body: bytes
    first_byte: float  # of the body: a stream's first token
    last_byte: float

    def checked(self) -> "Answer":
        if self.status != 200:
            raise RuntimeError(f"status {self.status}: {self.body[:500]!r}")
        return self


class Connection:
    """A connection that is kept open, and opened again outside the measured time when the server
    closes it."""

    def __init__(self, address: Address):
        self._address = address
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None

    def open(self) -> None:
        if self._socket:
            return
        if isinstance(self._address, str):
            self._socket = socket.socket(socket.AF_UNIX)
        else:
            self._socket = socket.socket(socket.AF_INET)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(600)
        self._socket.connect(self._address)

    def ask(self, request: bytes) -> Answer:
        is_reused = self._socket is not None
        self.open()
        try:
            return self._ask(request)
        except (BrokenPipeError, ConnectionResetError):
            # The server closed a connection that had been idle; the clock starts again.
            if not is_reused:
                raise
        self.close()
        self.open()
        return self._ask(request)

    def _ask(self, request: bytes) -> Answer:
        assert self._socket
        received = bytearray()
        start = time.perf_counter()
        self._socket.sendall(request)
        head_end, first = -1, 0.0
        length: int | None = None
        while True:
            chunk = self._socket.recv(1 << 16)
            now = time.perf_counter() - start
            if not chunk and not received:
                raise ConnectionResetError("closed before an answer")
            if not chunk:
                raise ConnectionError(f"closed in the middle of an answer: {received[:200]!r}")
            received += chunk
            if head_end < 0:
                head_end = received.find(b"\r\n\r\n") + 4
                if head_end < 4:
                    head_end = -1
                    continue
                length = content_length(received[:head_end])
            if not first and len(received) > head_end:
                first = now
            if length is None:
                # The last chunk; the bytes before it are JSON or events, which end otherwise.
                if received.endswith(b"\r\n0\r\n\r\n"):
                    break
            elif len(received) >= head_end + length:
                break
        head = bytes(received[:head_end])
        if b"connection: close" in head.lower():
            self.close()
        return Answer(
            int(head.split(b" ", 2)[1]), head, bytes(received[head_end:]), first or now, now)


def content_length(head: bytes | bytearray) -> int | None:
    for line in bytes(head).lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return None


def post(path: str, body: dict[str, object]) -> bytes:
    """A request, ready to be sent."""
    data = json.dumps(body).encode()
    return (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n").encode() + data


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def decoded(answer: Answer) -> dict:
    """The JSON of an answer that was not a stream."""
    body = answer.body
    if content_length(answer.head) is None:
        parts, rest = [], body
        while rest and (size := int(rest.split(b"\r\n", 1)[0], 16)):
            rest = rest.split(b"\r\n", 1)[1]
            parts.append(rest[:size])
            rest = rest[size + 2:]
        body = b"".join(parts)
    return json.loads(body)
