"""What is refused, how fast, and in whose words."""

import http.client
import json

import openai
import pytest

from daemon import CHAT, EMBED
from huge_model import write_huge_model

QUESTION = [{"role": "user", "content": "Hello"}]


def openai_error(answer):
    error = answer.json["error"]
    assert error["message"] and error["type"]
    return error


@pytest.fixture(scope="module")
def folder_with_huge(models, tmp_path_factory):
    """The three models, and one of 64 GiB that is nothing but a header."""
    folder = tmp_path_factory.mktemp("models")
    for file in models.glob("*.gguf"):
        (folder / file.name).symlink_to(file)
    write_huge_model(folder / "huge.gguf")
    return folder


def test_what_can_never_fit_is_refused_at_once_and_evicts_nothing(start, folder_with_huge):
    daemon = start(memory="1GiB", models_folder=folder_with_huge)
    daemon.load(EMBED)
    daemon.load(CHAT)
    daemon.get("/v1/models")
    before = {child.pid for child in daemon.children()}
    for _ in range(2):  # The second time its file has been read; how fast it is, bench/ says.
        answer = daemon.post("/v1/chat/completions", {"model": "huge", "messages": QUESTION})
        assert answer.status == 422, answer
        assert "GiB" in openai_error(answer)["message"]
    assert {child.pid for child in daemon.children()} == before
    assert daemon.model(EMBED)["evictions"] == daemon.model(CHAT)["evictions"] == 0


def test_an_unknown_model_is_a_404_that_names_the_nearest(roomy):
    with pytest.raises(openai.NotFoundError) as raised:
        roomy.openai().chat.completions.create(model="smollm2-135m-instrct", messages=QUESTION)
    assert raised.value.body["code"] == "model_not_found"
    assert CHAT in raised.value.body["message"]


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b'{"model": 7, "messages": []}',
    b'{"model": ""}', b'{"model": "a", "model"}', b"\xff\xfe{}"])
def test_a_malformed_body_is_a_400(roomy, body):
    answer = roomy.post("/v1/chat/completions", body)
    assert answer.status == 400, answer
    assert openai_error(answer)["type"] == "invalid_request_error"


def test_a_body_without_a_model_goes_to_the_only_one_of_its_role(roomy):
    answer = roomy.post("/v1/chat/completions", json.dumps(
        {"messages": QUESTION, "max_tokens": 1}).encode())
    assert answer.status == 200, answer
    assert answer.json["choices"]


def test_a_body_over_64_mebibytes_is_a_413(roomy):
    connection = http.client.HTTPConnection(roomy.address, timeout=20)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str((64 << 20) + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert b'"error"' in answer.read()


def test_a_chunked_body_over_64_mebibytes_is_a_413(roomy):
    connection = http.client.HTTPConnection(roomy.address, timeout=20)

    def body():
        yield b'{"model": "smollm2-135m-instruct", "note": "'
        for _ in range(65):
            yield b"x" * (1 << 20)
        yield b'"}'

    try:
        connection.request("POST", "/v1/chat/completions", body=body(), encode_chunked=True,
                           headers={"Content-Type": "application/json",
                                    "Transfer-Encoding": "chunked"})
    except (BrokenPipeError, ConnectionResetError):
        pass  # It may stop reading as soon as it knows; the answer is there all the same.
    assert connection.getresponse().status == 413


def test_a_wrong_role_is_refused_with_the_models_own(roomy):
    answer = roomy.post("/v1/rerank", {"model": EMBED, "query": "a", "documents": ["b"]})
    assert answer.status == 400, answer
    assert "embed" in answer.json["error"]["message"]


def test_an_unknown_path_is_a_404_in_json(roomy):
    answer = roomy.get("/v1/nothing")
    assert answer.status == 404 and openai_error(answer)


def test_the_wrong_method_is_a_405(roomy):
    assert roomy.get("/v1/chat/completions").status == 405


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"},
    {"Host": "evil.example:11435"},
    {"Host": "127.0.0.1.evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "null"},
])
@pytest.mark.parametrize("path", ["/v1/models", "/health", "/corral/v1/status"])
def test_another_sites_page_is_refused(roomy, path, headers):
    answer = roomy.get(path, headers=headers)
    assert answer.status == 403, answer


@pytest.mark.parametrize("headers", [
    {}, {"Host": "localhost"}, {"Host": "[::1]:1"}, {"Origin": "http://localhost:3000"},
    {"Origin": "http://127.0.0.1"}])
def test_a_local_page_is_let_in(roomy, headers):
    assert roomy.get("/v1/models", headers=headers).status == 200


def test_an_api_key_is_asked_for_when_one_is_set(start):
    daemon = start(environment={"CORRAL_API_KEY": "first-key,second-key"})
    assert daemon.get("/v1/models").status == 401
    for header in ({"Authorization": "Bearer wrong"}, {"x-api-key": "first"}):
        assert daemon.get("/v1/models", headers=header).status == 401
    for header in ({"Authorization": "Bearer first-key"}, {"x-api-key": "second-key"}):
        assert daemon.get("/v1/models", headers=header).status == 200
    assert daemon.get("/health").status == 200


def test_it_listens_on_loopback_alone(roomy):
    import socket
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for address in others:
        if address.startswith("127.") or address == "::1":
            continue
        with pytest.raises(OSError):
            socket.create_connection((address, roomy.port), timeout=1)
