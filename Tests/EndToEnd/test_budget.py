"""More models than fit, through the official client: nothing shows but a short wait."""

import asyncio
import time

import openai
import pytest

from daemon import CHAT, EMBED, RERANK
from processes import MEBIBYTE, Sampler, until
from test_embeddings import dot

DOCUMENTS = ["The giant panda is a bear.", "Paris is in France.", "A llama is not a model."]


def counts(daemon):
    """Loads and evictions of each model, as the status tells them."""
    return {name: (daemon.model(name)["loads"], daemon.model(name)["evictions"])
            for name in (CHAT, EMBED, RERANK)}


@pytest.mark.linux
def test_thirty_rounds_of_three_models_stay_in_a_budget_for_two(start, budget_for_two, vectors):
    daemon = start(memory=budget_for_two)
    client = daemon.openai()
    begin = time.monotonic()
    with Sampler(daemon.pid) as sampler:
        for turn in range(30):
            known = vectors[turn % len(vectors)]
            embedding = client.embeddings.create(model=EMBED, input=known["text"]).data[0].embedding
            assert dot(embedding, known["vector"]) > 0.999

            ranking = daemon.post("/v1/rerank", {
                "model": RERANK, "query": "What is a panda?", "documents": DOCUMENTS})
            assert ranking.status == 200, ranking
            results = ranking.json["results"]
            assert sorted(result["index"] for result in results) == [0, 1, 2]
            scores = [result["relevance_score"] for result in results]
            assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3

            chat = client.chat.completions.create(
                model=CHAT, max_tokens=8, temperature=0, seed=turn,
                messages=[{"role": "user", "content": f"Count from {turn}."}])
            assert chat.choices[0].message.content.strip()
            assert chat.usage.completion_tokens >= 1
    seconds = time.monotonic() - begin

    over = [str(sample) for sample in sampler.samples if sample.total > budget_for_two]
    assert not over, f"above the budget of {budget_for_two / MEBIBYTE:.1f} MiB: {over[:5]}"
    # Twice a second at least, or the claim is not made.
    assert len(sampler.samples) >= 2 * seconds * 0.9
    together = max(len(sample.memory) for sample in sampler.samples)
    assert together == 2, "the budget never held two models at once"

    # Three models used in a cycle with room for two: one at least has to be loaded each time.
    after = counts(daemon)
    assert sum(loads for loads, _ in after.values()) >= 30, after
    resident = daemon.resident()
    for name, (loads, evictions) in after.items():
        assert loads - evictions == (1 if name in resident else 0), after
    print(f"{seconds:.1f} s, {after}, peak {sampler.peak}, "
          f"budget {budget_for_two / MEBIBYTE:.1f} MiB")


@pytest.mark.linux
def test_forty_eight_streams_over_three_models_all_end_well(start, budget_for_two):
    daemon = start(memory=budget_for_two)
    client = openai.AsyncOpenAI(
        base_url=f"{daemon.url}/v1", api_key="unused", max_retries=0, timeout=540)

    async def chat(number):
        words = []
        stream = await client.chat.completions.create(
            model=CHAT, max_tokens=16, stream=True,
            messages=[{"role": "user", "content": f"Tell me about the number {number}."}])
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                words.append(chunk.choices[0].delta.content)
        assert words, f"stream {number} was empty"

    async def embed(number):
        answer = await client.embeddings.create(model=EMBED, input=[f"number {number}"] * 4)
        assert len(answer.data) == 4

    async def rerank(number):
        answer = await client.post(
            "/rerank", cast_to=object,
            body={"model": RERANK, "query": f"number {number}", "documents": DOCUMENTS})
        assert len(answer["results"]) == 3

    async def everybody():
        work = [(chat, embed, rerank)[number % 3](number) for number in range(48)]
        return await asyncio.wait_for(asyncio.gather(*work, return_exceptions=True), 600)

    with Sampler(daemon.pid, interval=0.1) as sampler:
        outcomes = asyncio.run(everybody())
    errors = [repr(outcome) for outcome in outcomes if outcome is not None]
    assert not errors, f"{len(errors)} of 48 failed: {errors[:3]}"

    for sample in sampler.samples:
        # A process that is just ending has no command line any more.
        loaded = [server.model for server in sample.memory if server.model]
        assert len(loaded) == len(set(loaded)), f"one model was loaded twice: {loaded}"
        assert sample.total <= budget_for_two, str(sample)
    # All requests are there at once: whoever is loaded serves all of its own before it goes.
    loads = {name: loads for name, (loads, _) in counts(daemon).items()}
    assert all(1 <= count <= 2 for count in loads.values()), loads


def test_a_file_in_two_roles_holds_its_weights_once(start):
    daemon = start(memory="4GiB")
    daemon.load(CHAT)
    alone = daemon.reserved()
    daemon.load(CHAT, role="embed")
    both = daemon.reserved()
    second = daemon.planned(CHAT, role="embed")
    assert alone < both < alone + second, (alone, both, second)
    assert daemon.post("/corral/v1/unload", {"model": CHAT}).status == 200
    until(lambda: daemon.reserved() == 0, "unloaded in all roles")
