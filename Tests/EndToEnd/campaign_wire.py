"""HTTP as it is on the wire: sends bytes as they are, and reads answers strictly."""

import json
import socket
import struct
from dataclasses import dataclass, field


class BadAnswer(Exception):
    """What came is no answer of HTTP."""


@dataclass
class Reply:
    """One answer."""

    status: int
    headers: dict
    body: bytes = b""
    # Whether the body came to its end.
    whole: bool = True
    endless: bool = False
    raw_headers: list = field(default_factory=list)

    @property
    def json(self):
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, address, patience):
        self.socket = socket.create_connection(address, timeout=patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.ended = False

    def close(self):
        self.socket.close()

    def reset(self):
        """Leaves without good-bye."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, pieces):
        """Sends all that is taken; false where the other side closed before it had all."""
        try:
            for piece in pieces:
                self.socket.sendall(piece)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def finish(self):
        """Nothing more is sent."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reply(self, method):
        """The next final answer; None where the other side has closed instead."""
        while True:
            head = self._until(b"\r\n\r\n")
            if head is None:
                return None
            reply = self._head(head)
            if reply.status >= 200:
                break
        if method == "HEAD" or reply.status in (204, 304):
            return reply
        if method == "GET" and "event-stream" in reply.headers.get("content-type", ""):
            # A feed of events, which never ends; whoever asked leaves.
            reply.endless = True
            return reply
        self._body(reply)
        return reply

    def _head(self, head):
        lines = head[:-4].decode("latin-1").split("\r\n")
        words = lines[0].split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
            raise BadAnswer(f"no status line: {lines[0][:200]!r}")
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise BadAnswer(f"no header: {line[:200]!r}")
            headers[name.lower()] = value.strip()
        return Reply(int(words[1]), headers, raw_headers=lines[1:])

    def _body(self, reply):
        if "content-length" in reply.headers:
            length = int(reply.headers["content-length"])
            reply.whole = self._fill(length)
            reply.body, self.buffer = self.buffer[:length], self.buffer[length:]
        elif reply.headers.get("transfer-encoding", "").lower() == "chunked":
            self._chunks(reply)
        else:
            while self._more():
                pass
            reply.body, self.buffer = self.buffer, b""

    def _chunks(self, reply):
        body = b""
        while True:
            line = self._until(b"\r\n")
            if line is None:
                reply.whole = False
                break
            size = int(line.split(b";")[0], 16)
            if not self._fill(size + 2):
                reply.whole = False
                break
            chunk, self.buffer = self.buffer[:size], self.buffer[size + 2:]
            if size == 0:
                break
            body += chunk
        reply.body = body

    def _until(self, mark):
        while mark not in self.buffer:
            if not self._more():
                if self.buffer.strip():
                    raise BadAnswer(f"cut off: {self.buffer[:200]!r}")
                return None
        index = self.buffer.index(mark) + len(mark)
        taken, self.buffer = self.buffer[:index], self.buffer[index:]
        return taken

    def _fill(self, count):
        while len(self.buffer) < count:
            if not self._more():
                return False
        return True

    def _more(self):
        if self.ended:
            return False
        try:
            data = self.socket.recv(1 << 16)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        self.ended = not data
        self.buffer += data
        return bool(data)
