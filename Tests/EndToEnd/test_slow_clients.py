"""Clients that say nothing, or next to nothing, take nothing from the others."""

import json
import socket

import pytest

from daemon import CHAT, EMBED
from processes import Memory, until

HEAD = "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def connect(daemon):
    return socket.create_connection(("127.0.0.1", daemon.port), timeout=30)


def is_held(connection):
    connection.setblocking(False)
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True


@pytest.mark.linux
def test_idle_and_slow_clients_are_held_while_others_are_served(start):
    daemon = start(memory="4GiB")
    daemon.load(CHAT)
    daemon.load(EMBED)
    idle = [connect(daemon) for _ in range(200)]
    body = json.dumps({"model": EMBED, "input": "a slow llama"}).encode()
    length = f"Content-Length: {len(body)}\r\n\r\n"
    slow = [connect(daemon) for _ in range(50)]
    for index, connection in enumerate(slow):
        if index % 2:
            connection.sendall(HEAD[:40].encode())
        else:
            connection.sendall((HEAD + length).encode() + body[:10])
    for _ in range(5):
        chat = daemon.post("/v1/chat/completions", {
            "model": CHAT, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2})
        embedding = daemon.post("/v1/embeddings", {"model": EMBED, "input": "wool"})
        assert chat.status == embedding.status == 200
    assert all(is_held(connection) for connection in idle)
    assert all(daemon.model(name)["leases"] == 0 for name in (CHAT, EMBED))
    # The slow ones are served too, once they have said what they want.
    for connection in slow[:10:2]:
        connection.setblocking(True)
        connection.sendall(body[10:])
        assert connection.recv(12) == b"HTTP/1.1 200"
    for connection in idle + slow:
        connection.close()
    assert daemon.get("/health").status == 200


@pytest.mark.linux
def test_a_connection_too_many_is_refused_and_the_others_go_on(start):
    daemon = start(arguments=["--max-connections", "20"])
    held = [connect(daemon) for _ in range(20)]
    # Each is accepted in turn, so the last of them has been when one more is refused.
    until(lambda: daemon.get("/health").status == 503, "the twenty-first is refused")
    refused = daemon.get("/health")
    assert refused.status == 503 and refused.json["error"]["code"] == "too_many_connections"
    assert refused.headers["Retry-After"] == "1"
    held[0].sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert held[0].recv(12) == b"HTTP/1.1 200"
    for connection in held:
        connection.close()
    until(lambda: daemon.get("/health").status == 200, "there is room again")


@pytest.mark.linux
def test_a_large_body_is_not_kept_once_it_is_answered(start):
    daemon = start()
    daemon.post("/v1/embeddings", {"model": EMBED, "input": "wool"})
    text = "x" * (40 << 20)
    for _ in range(3):
        answer = daemon.post("/v1/embeddings", {"model": "none", "input": text})
        assert answer.status == 404
    # In a debug build too: what is left is far from the 120 MiB that came.
    until(lambda: Memory.of(daemon.pid).private < 60 << 20, "the bodies are given back")
