"""The official Anthropic client."""

import anthropic
import pytest

from daemon import CHAT

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


def test_messages_answer(roomy):
    answer = roomy.anthropic().messages.create(model=CHAT, max_tokens=12, messages=QUESTION)
    assert answer.content[0].text.strip()
    assert answer.stop_reason in ("end_turn", "max_tokens")
    assert answer.usage.output_tokens >= 1


def test_messages_stream(roomy):
    with roomy.anthropic().messages.stream(
            model=CHAT, max_tokens=12, messages=QUESTION) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    assert "".join(pieces) == final.content[0].text
    assert len(pieces) > 3


def test_count_tokens_counts_what_the_model_will_read(roomy):
    client = roomy.anthropic()
    counted = client.messages.count_tokens(model=CHAT, messages=QUESTION).input_tokens
    answer = client.messages.create(model=CHAT, max_tokens=1, messages=QUESTION)
    cached = answer.usage.cache_read_input_tokens or 0
    assert counted == answer.usage.input_tokens + cached


def test_an_unknown_model_is_an_anthropic_not_found_error(roomy):
    with pytest.raises(anthropic.NotFoundError) as raised:
        roomy.anthropic().messages.create(
            model="smollm2-135m-instrukt", max_tokens=1, messages=QUESTION)
    body = raised.value.body
    assert body["type"] == "error" and body["error"]["type"] == "not_found_error"
    assert CHAT in body["error"]["message"]


def test_malformed_json_is_an_anthropic_invalid_request_error(roomy):
    answer = roomy.post("/v1/messages", b'{"model": ')
    assert answer.status == 400
    assert answer.json["type"] == "error"
    assert answer.json["error"]["type"] == "invalid_request_error"
