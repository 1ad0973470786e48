"""A configuration that is read again while the daemon runs."""

import json
import signal

from daemon import CHAT, EMBED, RERANK
from processes import until


def write(daemon, configuration):
    text = configuration if isinstance(configuration, str) else json.dumps(configuration)
    (daemon.folder / "config.json").write_text(text)


def reload(daemon):
    answer = daemon.post("/corral/v1/reload", {})
    assert answer.status == 200, answer
    return answer.json


def test_only_the_model_that_changed_is_loaded_again(start):
    daemon = start(configuration={"models": {CHAT: {"context": 2048}, EMBED: {"slots": 2}}})
    for name in (CHAT, EMBED):
        daemon.load(name)
    assert daemon.model(CHAT)["context_tokens"] == 2048
    write(daemon, {"models": {CHAT: {"context": 1024}, EMBED: {"slots": 2}}})
    told = reload(daemon)
    assert told["models"]["reloading"] == [CHAT], told
    until(lambda: daemon.resident() == [EMBED], "the changed model left")
    daemon.openai().chat.completions.create(
        model=CHAT, max_tokens=1, messages=[{"role": "user", "content": "Hi"}])
    assert daemon.model(CHAT)["context_tokens"] == 1024
    assert daemon.model(EMBED)["loads"] == 1
    again = reload(daemon)
    assert not again["changed"] and not any(again["models"].values()), again


def test_an_answer_under_way_is_finished_with_the_old_settings(start):
    daemon = start(configuration={"models": {CHAT: {"context": 2048}}})
    stream = daemon.openai().chat.completions.create(
        model=CHAT, max_tokens=200, stream=True, temperature=0,
        messages=[{"role": "user", "content": "Count to one hundred."}])
    next(iter(stream))
    write(daemon, {"models": {CHAT: {"context": 1024}}})
    assert reload(daemon)["models"]["reloading"] == [CHAT]
    pieces = [chunk for chunk in stream if chunk.choices]
    assert pieces[-1].choices[0].finish_reason in ("stop", "length")
    until(lambda: daemon.resident() == [], "it left when its answer had ended")


def test_pins_and_keep_alive_follow(start):
    daemon = start(memory="4GiB", configuration={"models": {CHAT: {"context": 2048}}})
    for name in (CHAT, EMBED):
        daemon.load(name)
    write(daemon, {"keep-alive": "0", "models": {
        CHAT: {"context": 2048, "pin": True}, RERANK: {"pin": True}}})
    told = reload(daemon)
    assert told["changed"] == ["keep-alive"], told
    assert sorted(told["models"]["pinned"]) == sorted([CHAT, RERANK])
    until(lambda: daemon.resident() == [CHAT], "what is not pinned left at once")
    assert daemon.model(CHAT)["pinned"]
    write(daemon, {"models": {CHAT: {"context": 2048}}})
    assert sorted(reload(daemon)["models"]["unpinned"]) == sorted([CHAT, RERANK])
    assert not daemon.model(CHAT)["pinned"]


def test_folders_and_a_smaller_budget(start, models, files, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    (few / files[EMBED].name).symlink_to(files[EMBED])
    daemon = start(memory=None, environment={"CORRAL_MODELS": ""}, configuration={
        "folders": [str(models)], "memory": "4GiB", "models": {CHAT: {"context": 2048}}})
    for name in (CHAT, EMBED):
        daemon.load(name)
    write(daemon, {"folders": [str(few)], "memory": "4GiB"})
    told = reload(daemon)
    assert told["changed"] == ["folders"] and CHAT in told["models"]["removed"], told
    until(lambda: CHAT not in daemon.resident(), "a model that is gone leaves")
    assert daemon.post("/v1/chat/completions", {"model": CHAT, "messages": []}).status == 404
    write(daemon, {"folders": [str(few)], "memory": "1MiB"})
    assert reload(daemon)["changed"] == ["memory"]
    until(lambda: daemon.resident() == [], "what is above the budget leaves")
    assert daemon.post("/v1/embeddings", {"model": EMBED, "input": "x"}).status >= 400


def test_a_bad_file_changes_nothing_and_says_the_line(start):
    daemon = start(configuration={"models": {EMBED: {"slots": 2}}})
    daemon.load(EMBED)
    write(daemon, "keep-alive: 0\nmodels:\n  " + EMBED + ":\n    slots: many\n")
    answer = daemon.post("/corral/v1/reload", {})
    assert answer.status == 422, answer
    assert "config.json:4" in answer.json["error"]["message"]
    assert daemon.resident() == [EMBED]
    result = daemon.run("reload")
    assert result.returncode == 1 and "config.json:4" in result.stderr


def test_what_needs_a_restart_is_named(start):
    daemon = start(configuration={"queue-limit": 5})
    write(daemon, {"queue-limit": 6, "grace": "1s", "log-level": "debug"})
    result = daemon.run("reload")
    assert result.returncode == 0, result.stderr
    assert "queue-limit" in result.stderr and "grace" in result.stderr
    assert "log-level" in result.stdout
    until(lambda: " debug: " in daemon.log(200), "the new level counts")


def test_keys_are_those_that_are_named_now(start):
    daemon = start(configuration={"keep-alive": 0})
    models = "/v1/models"
    assert daemon.get(models).status == 200
    write(daemon, {"keep-alive": 0, "api-key": ["old"]})
    assert reload(daemon)["changed"] == ["api-key"]
    assert daemon.get(models).status == 401
    assert daemon.get(models, headers={"Authorization": "Bearer old"}).status == 200
    write(daemon, {"keep-alive": 0, "api-key": ["new"]})
    daemon.process.send_signal(signal.SIGHUP)
    new = {"Authorization": "Bearer new"}
    until(lambda: daemon.get(models, headers=new).status == 200, "the new key counts")
    assert daemon.get(models, headers={"Authorization": "Bearer old"}).status == 401
    # Who takes the last key away closes the server rather than opens it.
    write(daemon, {"keep-alive": 0})
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: daemon.get(models, headers=new).status == 401, "no key is left")
    assert daemon.get(models).status == 401


def test_a_daemon_that_others_reach_reads_its_settings_again(start, tmp_path):
    keys = tmp_path / "keys.yaml"
    settings = {"host": "0.0.0.0", "keys-file": str(keys), "keep-alive": 0}
    maker = start(configuration={"keep-alive": 0})
    made = maker.run("key", "create", "--name", "me", "--scope", "admin", "--keys-file", str(keys))
    assert made.returncode == 0, made.stderr
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    daemon = start(configuration=settings)
    write(daemon, {**settings, "keep-alive": "5m"})
    answer = daemon.post("/corral/v1/reload", {}, headers=headers)
    assert answer.status == 200, answer
    assert answer.json["changed"] == ["keep-alive"]


def test_a_hangup_does_the_same(start):
    daemon = start(configuration={"models": {EMBED: {"slots": 2}}})
    daemon.load(EMBED)
    write(daemon, {"models": {EMBED: {"slots": 1}}})
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: daemon.resident() == [], "the changed model left")
    until(lambda: "was read again" in daemon.log(100), "that is logged")
    daemon.load(EMBED)
    write(daemon, "models: [")
    daemon.process.send_signal(signal.SIGHUP)
    until(lambda: "was not read again" in daemon.log(100), "the mistake is logged")
    assert daemon.resident() == [EMBED]
