"""Clients that many people use, unchanged, against one server.

Chat, streams, tools with a schema, embeddings, ranking and errors. The model is tiny, so what is
asserted are shapes and what a grammar forces, never wit.
"""

import json
from pathlib import Path

import pytest

from conftest import starter
from daemon import CHAT, EMBED, RERANK

PROMPT = "What is the capital of France?"
DOCUMENTS = ["Paris is a city.", "Llamas hum.", "France has a capital."]
SCHEMA = {"title": "place", "description": "A place.", "type": "object", "required": ["city"],
          "additionalProperties": False,
          "properties": {"city": {"type": "string", "maxLength": 12}}}
TOOL = {"type": "function", "function": {
    "name": "weather", "description": "The weather in a city.",
    "parameters": {"type": "object", "required": ["city"],
                   "properties": {"city": {"type": "string", "maxLength": 12}}}}}

# The answer is begun as a call, and "required" makes the grammar of the template bind the rest.
WEATHER = [{"role": "user", "content": "Weather in Paris?"},
           {"role": "assistant", "content": "<tool_call>\n"}]


@pytest.fixture(scope="module")
def tooled(corral, llama_server, models, tmp_path_factory):
    """A daemon whose chat model has a template with a place for tools, which its own has not."""
    start, finish = starter(corral, llama_server, models, tmp_path_factory.mktemp("tooled"))
    template = Path(__file__).parent / "fixtures" / "tools.jinja"
    yield start(configuration={"models": {CHAT: {
        "context": 2048, "arguments": ["--chat-template-file", str(template)]}}})
    finish()


@pytest.fixture(scope="module", autouse=True)
def quiet():
    """No client reports home or asks a hub while it is tested."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False",
                            "LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "false",
                            "DO_NOT_TRACK": "1", "ANONYMIZED_TELEMETRY": "False"}.items():
            patch.setenv(name, value)
        yield


# OpenAI and Anthropic: what test_openai.py and test_anthropic.py leave out


def test_openai_calls_a_tool_by_its_schema(tooled):
    answer = tooled.openai().chat.completions.create(
        model=CHAT, messages=WEATHER, tools=[TOOL], tool_choice="required", max_tokens=80,
        temperature=0, parallel_tool_calls=False)
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "weather"
    assert set(json.loads(call.function.arguments)) == {"city"}


def test_openai_streams_a_call(tooled):
    stream = tooled.openai().chat.completions.create(
        model=CHAT, messages=WEATHER, tools=[TOOL], tool_choice="required", max_tokens=80,
        temperature=0, parallel_tool_calls=False, stream=True)
    text = "".join(call.function.arguments or ""
                   for chunk in stream if chunk.choices
                   for call in chunk.choices[0].delta.tool_calls or [] if call.index == 0)
    assert set(json.loads(text)) == {"city"}


def test_ollama_gets_calls_whole_in_a_stream_and_out_of_one(tooled):
    body = {"model": CHAT, "messages": WEATHER, "tools": [TOOL], "tool_choice": "required",
            "options": {"num_predict": 80, "temperature": 0}}
    for stream in (False, True):
        answer = tooled.post("/api/chat", {**body, "stream": stream})
        assert answer.status == 200, answer
        lines = [json.loads(line) for line in answer.body.splitlines()]
        assert lines[-1]["done"], lines
        calls = [call["function"] for line in lines
                 for call in line["message"].get("tool_calls", [])]
        # A model this small repeats itself until its tokens are used up.
        assert calls and {call["name"] for call in calls} == {"weather"}
        assert all(set(call["arguments"]) == {"city"} for call in calls)


def test_openai_reads_a_schema_bound_answer(roomy):
    answer = roomy.openai().chat.completions.create(
        model=f"{CHAT}:latest", messages=[{"role": "user", "content": PROMPT}], max_tokens=60,
        response_format={"type": "json_schema", "json_schema": {
            "name": "place", "strict": True, "schema": SCHEMA}})
    assert set(json.loads(answer.choices[0].message.content)) == {"city"}


def test_openai_reads_the_same_embedding_in_both_encodings(roomy):
    client = roomy.openai()
    # Unless told otherwise the client asks for base64.
    packed = client.embeddings.create(model=EMBED, input=DOCUMENTS).data
    plain = client.embeddings.create(model=EMBED, input=DOCUMENTS, encoding_format="float").data
    for a, b in zip(packed, plain, strict=True):
        assert a.embedding == pytest.approx(b.embedding, abs=1e-6)


def test_anthropic_calls_a_tool_by_its_schema(tooled):
    answer = tooled.anthropic().messages.create(
        model=CHAT, max_tokens=80, messages=WEATHER,
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
        tools=[{"name": "weather", "description": "The weather.",
                "input_schema": TOOL["function"]["parameters"]}])
    block = next(block for block in answer.content if block.type == "tool_use")
    assert block.name == "weather" and set(block.input) == {"city"}


# Cohere


@pytest.fixture(scope="module")
def cohere_clients(roomy):
    import cohere

    return (cohere.Client(api_key="unused", base_url=roomy.url, timeout=120),
            cohere.ClientV2(api_key="unused", base_url=roomy.url, timeout=120))


def test_cohere_ranks_as_the_model_does(roomy, cohere_clients):
    _, client = cohere_clients
    own = roomy.post("/rerank", {"model": RERANK, "query": PROMPT, "documents": DOCUMENTS}).json
    answer = client.rerank(model=RERANK, query=PROMPT, documents=DOCUMENTS)
    assert [(r.index, r.relevance_score) for r in answer.results] == [
        (r["index"], pytest.approx(r["relevance_score"], abs=1e-5)) for r in own["results"]]
    assert len(client.rerank(model=RERANK, query=PROMPT, documents=DOCUMENTS, top_n=2).results) == 2
    assert answer.id and answer.meta.api_version.version == "2"


def test_cohere_gets_its_documents_back(cohere_clients):
    client, _ = cohere_clients
    answer = client.rerank(model=RERANK, query=PROMPT, return_documents=True, top_n=2,
                           documents=[{"text": text} for text in DOCUMENTS])
    assert [r.document.text for r in answer.results] == [
        DOCUMENTS[r.index] for r in answer.results]


def test_cohere_hears_what_is_wrong(cohere_clients):
    import cohere

    for client in cohere_clients:
        with pytest.raises(cohere.NotFoundError) as raised:
            client.rerank(model="nobody", query=PROMPT, documents=DOCUMENTS)
        assert "nobody" in str(raised.value.body)


def test_jinas_request_and_its_answer(roomy):
    answer = roomy.post("/v1/rerank", {
        "model": RERANK, "query": PROMPT, "documents": DOCUMENTS, "top_n": 3,
        "return_documents": True}).json
    assert [r["document"]["text"] for r in answer["results"]] == [
        DOCUMENTS[r["index"]] for r in answer["results"]]
    scores = [r["relevance_score"] for r in answer["results"]]
    assert scores == sorted(scores, reverse=True) and answer["usage"]["total_tokens"] > 0


# LangChain


@pytest.fixture(scope="module")
def langchain_chats(roomy):
    from langchain_ollama import ChatOllama
    from langchain_openai import ChatOpenAI

    return [
        ChatOpenAI(model=CHAT, base_url=f"{roomy.url}/v1", api_key="unused", temperature=0,
                   max_tokens=60, max_retries=0),
        ChatOllama(model=CHAT, base_url=roomy.url, temperature=0, num_predict=60,
                   validate_model_on_init=True),
    ]


def test_langchain_chats_and_streams(langchain_chats):
    for chat in langchain_chats:
        whole = chat.invoke(PROMPT)
        assert whole.content.strip() and whole.usage_metadata["output_tokens"] > 0
        pieces = [piece.content for piece in chat.stream(PROMPT)]
        assert "".join(pieces) == whole.content and len(pieces) > 3


def test_langchain_binds_an_answer_to_a_schema(langchain_chats):
    for chat in langchain_chats:
        answer = chat.with_structured_output(SCHEMA, method="json_schema").invoke(PROMPT)
        assert set(answer) == {"city"}


def test_langchain_binds_tools(tooled, langchain_chats):
    from langchain_openai import ChatOpenAI

    chat = ChatOpenAI(model=CHAT, base_url=f"{tooled.url}/v1", api_key="unused", temperature=0,
                      max_tokens=60, max_retries=0)
    answer = chat.bind_tools([TOOL], tool_choice="required").invoke(WEATHER)
    assert answer.tool_calls[0]["name"] == "weather"
    assert set(answer.tool_calls[0]["args"]) == {"city"}
    # Ollama's own API cannot force a call, so that there may be one or none.
    answer = langchain_chats[1].bind_tools([TOOL]).invoke("Weather in Paris?")
    assert answer.tool_calls or answer.content


def test_langchain_embeds_the_same_over_both_apis(roomy):
    from langchain_ollama import OllamaEmbeddings
    from langchain_openai import OpenAIEmbeddings

    one = OllamaEmbeddings(model=EMBED, base_url=roomy.url).embed_documents(DOCUMENTS)
    other = OpenAIEmbeddings(model=EMBED, base_url=f"{roomy.url}/v1", api_key="unused",
                             check_embedding_ctx_length=False).embed_documents(DOCUMENTS)
    for a, b in zip(one, other, strict=True):
        assert a == pytest.approx(b, abs=1e-5)


def test_langchain_completes_over_ollamas_generate(roomy):
    from langchain_ollama import OllamaLLM

    model = OllamaLLM(model=CHAT, base_url=roomy.url, num_predict=8, temperature=0)
    assert model.invoke("Say hello.").strip()
    assert "".join(model.stream("Say hello.")).strip()


def test_langchain_hears_what_is_wrong(roomy):
    import ollama
    import openai
    from langchain_ollama import ChatOllama
    from langchain_openai import ChatOpenAI

    with pytest.raises(openai.NotFoundError):
        ChatOpenAI(model="nobody", base_url=f"{roomy.url}/v1", api_key="unused").invoke(PROMPT)
    with pytest.raises(ollama.ResponseError):
        ChatOllama(model="nobody", base_url=roomy.url).invoke(PROMPT)


# LiteLLM


@pytest.fixture(scope="module")
def litellm(quiet):
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    return litellm


@pytest.fixture(scope="module")
def litellm_routes(roomy):
    return [
        {"model": f"openai/{CHAT}", "api_base": f"{roomy.url}/v1", "api_key": "unused"},
        {"model": f"ollama_chat/{CHAT}", "api_base": roomy.url},
        {"model": f"anthropic/{CHAT}", "api_base": roomy.url, "api_key": "unused"},
    ]


def test_litellm_chats_and_streams(litellm, litellm_routes):
    for route in litellm_routes:
        request = {**route, "messages": [{"role": "user", "content": PROMPT}],
                   "max_tokens": 16, "temperature": 0, "timeout": 120}
        whole = litellm.completion(**request).choices[0].message.content
        assert whole.strip()
        pieces = [chunk.choices[0].delta.content or ""
                  for chunk in litellm.completion(**request, stream=True) if chunk.choices]
        assert "".join(pieces) == whole, route["model"]


def test_litellm_binds_an_answer_to_a_schema(litellm, litellm_routes):
    for route in litellm_routes[:2]:
        answer = litellm.completion(
            **route, messages=[{"role": "user", "content": PROMPT}], max_tokens=60,
            response_format={"type": "json_schema", "json_schema": {
                "name": "place", "strict": True, "schema": SCHEMA}})
        assert set(json.loads(answer.choices[0].message.content)) == {"city"}


def test_litellm_embeds_and_ranks(litellm, roomy):
    openai = litellm.embedding(model=f"openai/{EMBED}", input=DOCUMENTS, api_key="unused",
                               api_base=f"{roomy.url}/v1", encoding_format="float")
    ollama = litellm.embedding(model=f"ollama/{EMBED}", input=DOCUMENTS, api_base=roomy.url)
    for a, b in zip(openai.data, ollama.data, strict=True):
        assert a["embedding"] == pytest.approx(b["embedding"], abs=1e-5)
    for model, base in ((f"cohere/{RERANK}", f"{roomy.url}/v2/rerank"),
                        (f"jina_ai/{RERANK}", f"{roomy.url}/v1/rerank")):
        answer = litellm.rerank(model=model, query=PROMPT, documents=DOCUMENTS, top_n=2,
                                api_base=base, api_key="unused")
        assert len(answer.results) == 2, model


def test_litellm_hears_what_is_wrong(litellm, litellm_routes):
    for route in litellm_routes:
        wrong = {**route, "model": route["model"].replace(CHAT, "nobody")}
        with pytest.raises(Exception) as raised:
            litellm.completion(**wrong, messages=[{"role": "user", "content": "x"}], max_retries=0)
        assert getattr(raised.value, "status_code", None) == 404, (route["model"], raised.value)


# LlamaIndex


def test_llama_index_chats_streams_and_binds(roomy):
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.ollama import Ollama

    model = Ollama(model=CHAT, base_url=roomy.url, request_timeout=120, temperature=0,
                   additional_kwargs={"num_predict": 24}, context_window=2048)
    messages = [ChatMessage(role="user", content=PROMPT)]
    whole = model.chat(messages).message.content
    assert whole.strip()
    assert "".join(part.delta or "" for part in model.stream_chat(messages)) == whole
    assert model.complete(PROMPT).text.strip()
