"""The commands, against a running daemon and without one."""

import json

import pytest

from daemon import CHAT, EMBED, RERANK


def succeeded(result):
    assert result.returncode == 0, f"{result.args}: {result.stdout}\n{result.stderr}"
    return result.stdout


def test_list_names_the_three_models_with_their_roles(roomy):
    listed = json.loads(succeeded(roomy.run("list", "--json")))
    roles = {model["name"]: model["role"] for model in listed}
    assert (roles[CHAT], roles[EMBED], roles[RERANK]) == ("chat", "embed", "rerank")


def test_ps_and_the_status_agree(roomy):
    roomy.load(EMBED)
    table = succeeded(roomy.run("ps"))
    assert EMBED in table and "resident" in table
    told = json.loads(succeeded(roomy.run("ps", "--json")))
    assert {model["model"] for model in told["models"]} >= {EMBED}


def test_chat_prints_an_answer(roomy):
    # A small model left to itself may never come to an end.
    told = roomy.run("chat", CHAT, "What is the capital of France?", "--max-tokens", "16")
    assert succeeded(told).strip()


def test_embed_prints_the_vector(roomy, vectors):
    told = json.loads(succeeded(roomy.run("embed", EMBED, vectors[0]["text"], "--json")))
    vector = told[0] if isinstance(told, list) else told["data"][0]["embedding"]
    assert vector == pytest.approx(vectors[0]["vector"], abs=2e-3)


def test_rerank_prints_every_document(roomy):
    told = succeeded(roomy.run("rerank", RERANK, "panda", "a bear", "a city"))
    assert "a bear" in told and "a city" in told


def test_plan_and_inspect_work_without_a_daemon(corral, roomy, files):
    plan = json.loads(succeeded(roomy.run("plan", str(files[CHAT]), "--json")))
    assert plan
    assert "llama" in succeeded(roomy.run("inspect", str(files[CHAT])))


def test_load_and_stop_change_what_is_resident(start):
    daemon = start()
    succeeded(daemon.run("load", EMBED))
    assert daemon.resident() == [EMBED]
    succeeded(daemon.run("stop", EMBED))
    assert daemon.resident() == []


def test_an_unknown_model_is_one_sentence_and_a_failure(roomy):
    result = roomy.run("chat", "smollm2-135m-instrct", "Hello")
    assert result.returncode != 0
    assert CHAT in result.stderr


def test_show_config_tells_what_would_be_served(roomy, corral):
    shown = succeeded(roomy.run("serve", "--show-config", "--memory", "3GiB"))
    assert "3" in shown


def test_without_a_daemon_the_client_commands_say_how_to_start_one(roomy):
    roomy_environment = dict(roomy.environment)
    try:
        roomy.environment["CORRAL_URL"] = "http://127.0.0.1:9"
        result = roomy.run("ps")
    finally:
        roomy.environment = roomy_environment
    assert result.returncode != 0 and "corral serve" in result.stderr
