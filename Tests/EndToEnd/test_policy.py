"""What Corral expects, decides and learns: hints, questions about decisions, recordings, memory."""

import json
import signal
import subprocess

import pytest

from daemon import CHAT, EMBED, RERANK
from processes import PATIENCE, until

pytestmark = pytest.mark.linux


def ask(daemon, model, **headers):
    """One small request for a model."""
    path, body = {
        CHAT: ("/v1/chat/completions", {
            "messages": [{"role": "user", "content": "Hi."}], "max_tokens": 2}),
        EMBED: ("/v1/embeddings", {"input": "hello"}),
        RERANK: ("/v1/rerank", {"query": "a", "documents": ["b", "c"]}),
    }[model]
    answer = daemon.post(path, {"model": model, **body}, headers=headers)
    assert answer.status == 200, answer
    return answer


def why(daemon, model):
    answer = daemon.get(f"/corral/v1/why?model={model}")
    assert answer.status == 200, answer
    return answer.json


def test_a_hint_loads_before_anybody_asks_and_the_request_finds_it(start):
    daemon = start()
    answer = daemon.post("/corral/v1/hint", {"models": [RERANK]})
    assert answer.status == 200, answer
    assert [model["model"] for model in answer.json["models"]] == [RERANK]
    until(lambda: daemon.resident() == [RERANK], "the hinted model is in memory")
    ask(daemon, RERANK)
    record = daemon.model(RERANK)
    assert (record["loads"], record["hits"], record["leases_granted"]) == (1, 1, 1), record
    assert record["prefetches"] == record["prefetches_used"] == 1


def test_a_header_brings_in_the_next_model_of_a_pipeline(start):
    daemon = start()
    ask(daemon, EMBED, **{"X-Corral-Next": f"{RERANK}, nothing-of-the-kind"})
    until(lambda: RERANK in daemon.resident(), "the next model is in memory")
    assert CHAT not in daemon.resident()


def test_what_if_says_who_would_go_and_why_says_who_went(start, budget_for_two):
    daemon = start(memory=budget_for_two)
    before = daemon.get(f"/corral/v1/what-if?model={CHAT}").json
    assert before["outcome"] == "fits" and before["needed"]["host"] > 1 << 20, before
    assert daemon.resident() == [] and daemon.children() == []
    for model in (RERANK, EMBED):
        ask(daemon, model)
    # A model that has just been loaded may be protected for as long as its load took.
    forecast = until(
        lambda: (now := daemon.get(f"/corral/v1/what-if?model={CHAT}").json)["outcome"]
        == "evicts" and now, "what is idle may go")
    victims = [victim["model"] for victim in forecast["victims"]]
    assert len(victims) >= 1 and CHAT not in victims, forecast
    assert sorted(daemon.resident()) == sorted([RERANK, EMBED])
    ask(daemon, CHAT)
    gone = [model for model in (RERANK, EMBED) if model not in daemon.resident()]
    assert gone
    explained = why(daemon, gone[0])
    assert explained["state"] == "absent"
    latest = explained["decisions"][0]
    assert latest["decision"] == "evicted" and latest["for"]["model"] == CHAT, latest
    assert {"model": gone[0], "fate": "evicted"}.items() <= next(
        candidate for candidate in latest["candidates"] if candidate["model"] == gone[0]).items()
    said = daemon.run("why", gone[0])
    assert said.returncode == 0 and "evicted to make room for" in said.stdout, said
    asked = daemon.run("what-if", "load", gone[0], "--json")
    assert json.loads(asked.stdout)["model"] == gone[0], asked


def test_what_if_for_more_context_than_there_can_be_says_what_is_wrong(start):
    daemon = start()
    asked = daemon.run("what-if", "load", CHAT, "--context", "100000000")
    assert asked.returncode != 0 or "refused" in asked.stdout, asked


def test_a_hint_from_the_command_line(start):
    daemon = start()
    said = daemon.run("hint", EMBED, "--within", "1m")
    assert said.returncode == 0 and EMBED in said.stdout, said
    until(lambda: daemon.resident() == [EMBED], "the hinted model is in memory")


def test_a_recording_is_replayed(start, tmp_path):
    daemon = start()
    daemon.load(EMBED)
    name = str(tmp_path / "monday")
    recorder = subprocess.Popen(
        [str(daemon.binary), "record", "--output", name, "--json"], env=daemon.environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    until(lambda: recorder.poll() is not None or listeners(daemon) == 1, "the recorder listens")
    for model in (CHAT, EMBED, EMBED, RERANK, CHAT):
        ask(daemon, model)
    until(lambda: all(daemon.model(model)["leases"] == 0 for model in (CHAT, EMBED, RERANK)),
          "all leases are back")
    recorder.send_signal(signal.SIGINT)
    output, errors = recorder.communicate(timeout=PATIENCE)
    assert recorder.returncode == 0, errors
    summary = json.loads(output)
    assert (summary["requests"], summary["models"], summary["refusals"]) == (5, 3, 0), summary
    replay = daemon.run(
        "simulate", "--requests", f"{name}.requests.csv.gz", "--models", f"{name}.models.csv",
        "--budget", "4GiB,1GiB", "--policy", "value,lru", "--untimed", "--json",
        "--svg", f"{name}.svg")
    assert replay.returncode == 0, replay
    results = json.loads(replay.stdout)["results"]
    assert [(row["policy"], row["budget_bytes"]) for row in results] == [
        (policy, size << 30) for size in (4, 1) for policy in ("value", "lru")]
    assert all(row["requests"] == 5 and row["loads"] == 3 for row in results[:2]), results
    assert (tmp_path / "monday.svg").read_text().startswith("<svg")


def listeners(daemon):
    """How many listen to the daemon's events, as its metrics tell."""
    lines = daemon.get("/metrics").body.decode().splitlines()
    return next(float(line.split()[-1]) for line in lines
                if line.startswith("corral_event_listeners"))


def test_what_was_learned_survives_a_restart(start, tmp_path):
    state = tmp_path / "state"
    environment = {"XDG_STATE_HOME": str(state)}
    file = state / "corral" / "learned.json"
    daemon = start(environment=environment)
    ask(daemon, EMBED)
    assert daemon.stop() == 0
    learned = json.loads(file.read_text())
    assert "all-MiniLM-L6-v2" in json.dumps(learned)
    assert file.stat().st_mode & 0o777 == 0o600
    again = start(environment=environment)
    ask(again, CHAT)
    assert again.stop() == 0
    both = file.read_text()
    assert "all-MiniLM-L6-v2" in both and "SmolLM2" in both


def test_a_damaged_memory_is_set_aside_with_a_warning(start, tmp_path):
    state = tmp_path / "state"
    folder = state / "corral"
    folder.mkdir(parents=True)
    (folder / "learned.json").write_text('{"version": 1, "savedAt": ')
    daemon = start(environment={"XDG_STATE_HOME": str(state)})
    ask(daemon, EMBED)
    assert (folder / "learned.json.unreadable").read_text() == '{"version": 1, "savedAt": '
    assert "learned anew" in daemon.log()
    assert daemon.stop() == 0
    json.loads((folder / "learned.json").read_text())


def test_a_daemon_that_may_keep_nothing_writes_nothing(start, tmp_path):
    daemon = start(environment={"XDG_STATE_HOME": str(tmp_path / "state")},
                   arguments=["--state-folder", "off", "--policy", "lru"])
    ask(daemon, EMBED)
    assert daemon.status()["policy"] == "lru"
    assert daemon.stop() == 0
    assert not (tmp_path / "state" / "corral" / "learned.json").exists()
