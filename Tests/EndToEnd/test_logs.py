"""Logs as JSON: what they tell of requests and of models, and what they never tell."""

import json

from daemon import CHAT, EMBED, RERANK
from processes import until

SECRET = "zanzibar-quokka"


def lines(daemon):
    """The log's lines; the welcome on standard output is in the same file, and no JSON."""
    text = daemon.log_path.read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def logged(daemon, message, **fields):
    def found():
        return [line for line in lines(daemon) if line["message"] == message
                and all(line.get(key) == value for key, value in fields.items())]

    return until(found, f"{message} {fields} is logged")


def test_a_request_can_be_followed_by_its_name(start):
    daemon = start(arguments=("--log-format", "json", "--log-level", "debug"))
    answer = daemon.post(
        "/v1/chat/completions",
        {"model": CHAT, "max_tokens": 4, "messages": [{"role": "user", "content": "Hi"}]},
        headers={"X-Request-Id": "order-66"})
    assert answer.headers["X-Request-Id"] == "order-66"
    finished = logged(daemon, "Finished", request="order-66")[0]
    assert finished["model"] == CHAT and finished["outcome"] == "complete"
    assert finished["generated_tokens"] == 4 and finished["seconds"] > 0
    assert logged(daemon, "Answered", request="order-66")[0]["status"] == 200


def test_a_client_without_a_name_is_given_one_that_the_log_knows(start):
    daemon = start(arguments=("--log-format", "json"))
    answer = daemon.post("/v1/chat/completions", {"model": "nobody"})
    name = answer.headers["X-Request-Id"]
    refused = logged(daemon, "Refused", request=name)[0]
    assert refused["code"] == "model_not_found" and refused["status"] == 404


def test_models_that_come_and_go_are_logged_with_the_reason(start, budget_for_two):
    daemon = start(memory=budget_for_two, arguments=("--log-format", "json"))
    for name in (EMBED, RERANK, CHAT):
        daemon.load(name)
    daemon.post("/corral/v1/unload", {"model": CHAT})
    loaded = logged(daemon, "Loaded", model=CHAT)[0]
    assert loaded["took_seconds"] > 0 and loaded["measured.exclusive.host"] > 0
    evicted = logged(daemon, "Unloading", reason="space")[0]
    assert evicted["for.model"] == CHAT and evicted["because"]
    assert logged(daemon, "Unloading", model=CHAT, reason="request")


def test_no_level_logs_what_people_ask_or_are_told(start):
    daemon = start(arguments=("--log-format", "json", "--log-level", "trace"))
    client = daemon.openai()
    request = {"model": CHAT, "max_tokens": 8, "temperature": 0,
               "messages": [{"role": "user", "content": f"Repeat after me: {SECRET}"}]}
    said = client.chat.completions.create(**request).choices[0].message.content
    list(client.chat.completions.create(**request, stream=True))
    client.embeddings.create(model=EMBED, input=SECRET)
    daemon.post("/v1/rerank", {"model": RERANK, "query": SECRET, "documents": [SECRET]})
    daemon.post("/v1/chat/completions", {"model": CHAT, "messages": SECRET})
    logged(daemon, "Finished", model=RERANK)
    text = daemon.log_path.read_text()
    assert SECRET not in text
    assert said not in text
