"""Metrics, as Prometheus's own parser reads them from a daemon with real models."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from daemon import CHAT, EMBED, RERANK, total
from processes import until

ROOT = Path(__file__).parents[2]


class Scrape:
    """One reading of /metrics, parsed, after the checks that promtool would make."""

    def __init__(self, daemon):
        answer = daemon.get("/metrics")
        assert answer.status == 200, answer
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        self.text = answer.body.decode()
        self.families, self.values = {}, {}
        for family in text_string_to_metric_families(self.text):
            assert family.name not in self.families, f"{family.name} stands twice"
            assert family.documentation and family.type != "unknown", family.name
            self.families[family.name] = family
            for sample in family.samples:
                series = (sample.name, tuple(sorted(sample.labels.items())))
                assert series not in self.values, f"{series} stands twice"
                self.values[series] = sample.value

    def value(self, name, **labels):
        """The value of one series; zero when it is not there."""
        return self.values.get((name, tuple(sorted(labels.items()))), 0)

    def labels(self, name):
        return {value for (_, labels) in self.values for key, value in labels if key == name}


def ask(daemon, **more):
    return daemon.openai().chat.completions.create(
        model=CHAT, messages=[{"role": "user", "content": "Count to ten."}], temperature=0, **more)


def test_every_series_is_valid_and_bounded(roomy):
    ask(roomy, max_tokens=2)
    roomy.get("/nowhere-of-that-name")
    scrape = Scrape(roomy)
    for name, family in scrape.families.items():
        for sample in family.samples:
            if family.type == "counter":
                assert sample.name.endswith("_total") and sample.value >= 0, sample
            if sample.name.endswith("_bucket"):
                count = dict(sample.labels)
                del count["le"]
                assert sample.value <= scrape.value(f"{name}_count", **count), sample
    assert scrape.labels("model") <= {CHAT, EMBED, RERANK}
    assert scrape.labels("role") <= {"chat", "embed", "rerank"}
    assert scrape.labels("domain") == {"host"}
    for hidden in ("nowhere", ".gguf", str(roomy.folder), "/root", "Count to ten"):
        assert hidden not in scrape.text, hidden


def test_counters_only_grow(roomy):
    before = Scrape(roomy)
    ask(roomy, max_tokens=2)
    after = Scrape(roomy)
    for name, family in before.families.items():
        if family.type == "counter":
            for sample in family.samples:
                assert after.value(sample.name, **sample.labels) >= sample.value, sample


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_are_those_the_client_was_told_of(start, stream):
    daemon = start()
    if stream:
        chunks = list(ask(daemon, max_tokens=12, stream=True,
                          stream_options={"include_usage": True}))
        usage = chunks[-1].usage
    else:
        usage = ask(daemon, max_tokens=12).usage
    labels = {"model": CHAT, "role": "chat"}
    scrape = Scrape(daemon)
    assert scrape.value("corral_generated_tokens_total", **labels) == usage.completion_tokens
    assert scrape.value("corral_prompt_tokens_total", **labels) == usage.prompt_tokens
    assert scrape.value("corral_tokens_per_second_count", **labels) == 1
    assert scrape.value("corral_tokens_per_second_sum", **labels) > 1
    assert scrape.value("corral_time_to_first_token_seconds_count", **labels) == int(stream)
    assert (scrape.value("corral_stream_chunks_total", **labels) > 3) == stream


def test_other_apis_tell_their_tokens_too(start):
    daemon = start()
    client = daemon.anthropic()
    message = client.messages.create(
        model=CHAT, max_tokens=5, messages=[{"role": "user", "content": "Hi"}])
    told = message.usage.output_tokens
    with client.messages.stream(
            model=CHAT, max_tokens=5, messages=[{"role": "user", "content": "Hi"}]) as stream:
        told += stream.get_final_message().usage.output_tokens
    response = daemon.openai().responses.create(model=CHAT, input="Hi", max_output_tokens=16)
    told += response.usage.output_tokens
    tokens = daemon.openai().embeddings.create(model=EMBED, input="a few words").usage.prompt_tokens
    scrape = Scrape(daemon)
    assert scrape.value("corral_generated_tokens_total", model=CHAT, role="chat") == told
    assert scrape.value("corral_prompt_tokens_total", model=EMBED, role="embed") == tokens


def test_metrics_agree_with_the_status(start):
    daemon = start()
    daemon.load(EMBED)
    ask(daemon, max_tokens=2)
    until(lambda: daemon.model(EMBED).get("measured"), "it was measured")
    scrape, status = Scrape(daemon), daemon.status()
    for kind in ("budget", "reserved"):
        for domain, amount in status["memory"][kind].items():
            assert scrape.value(f"corral_memory_{kind}_bytes", domain=domain) == amount
    assert scrape.value("corral_models", state="resident") == 2
    for model in status["models"]:
        labels = {"model": model["model"], "role": model["role"]}
        planned = total(model["planned"]["total"])
        assert scrape.value("corral_model_planned_bytes", domain="host", **labels) == planned
        assert scrape.value("corral_loads_total", **labels) == model["loads"] == 1
        assert scrape.value("corral_load_seconds_count", **labels) == 1
        assert scrape.value("corral_load_seconds_sum", **labels) == pytest.approx(
            model["load_seconds"])
        # The plan is an upper bound, and not by a multiple.
        assert -0.9 < scrape.value("corral_plan_error_ratio", **labels) <= 0


def test_an_eviction_is_counted_under_its_reason(start, budget_for_two):
    daemon = start(memory=budget_for_two)
    for name in (EMBED, RERANK, CHAT):
        daemon.load(name)
    scrape = Scrape(daemon)
    left = [labels for (name, labels), value in scrape.values.items()
            if name == "corral_evictions_total" and value == 1]
    assert [dict(labels)["reason"] for labels in left] == ["space"], left
    waits = [value for (name, _), value in scrape.values.items()
             if name == "corral_queue_wait_seconds_count"]
    assert sum(waits) == 3, "each of the three loads was waited for"


def test_refusals_are_counted_by_code(roomy):
    before = Scrape(roomy)
    for body in ({"model": "nobody"}, b"{"):
        roomy.post("/v1/chat/completions", body)
    after = Scrape(roomy)
    for code in ("model_not_found", "malformed_request"):
        assert after.value("corral_refusals_total", code=code) \
            == before.value("corral_refusals_total", code=code) + 1


@pytest.mark.linux
def test_the_daemon_tells_its_own_memory(roomy):
    status = Path(f"/proc/{roomy.pid}/status").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
    told = Scrape(roomy).value("process_resident_memory_bytes")
    assert told == pytest.approx(resident, rel=0.2)


# What is shipped for Prometheus and Grafana names only what is there.

def names_in(expressions):
    return set(re.findall(r"\b(?:corral|process)_[a-z_]+\b", " ".join(expressions)))


def known(scrape):
    names = set()
    for family in scrape.families.values():
        if family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
        elif family.type == "counter":
            names.add(f"{family.name}_total")
        else:
            names.add(family.name)
    return names


def expressions_of(panel):
    for target in panel.get("targets", []):
        yield target["expr"]
    for inner in panel.get("panels", []):
        yield from expressions_of(inner)


def test_the_grafana_dashboard_shows_metrics_that_exist(roomy):
    board = json.loads((ROOT / "packaging/grafana/corral.json").read_text())
    expressions = [expr for panel in board["panels"] for expr in expressions_of(panel)]
    assert len(expressions) > 10
    assert names_in(expressions) <= known(Scrape(roomy))
    identifiers = [panel["id"] for panel in board["panels"]]
    assert len(set(identifiers)) == len(identifiers)
    for panel in board["panels"]:
        assert panel["title"] and {"x", "y", "w", "h"} == set(panel["gridPos"])
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24


def test_the_alerts_watch_metrics_that_exist(roomy):
    rules = yaml.safe_load((ROOT / "packaging/prometheus/corral.rules.yml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts) > 4
    assert names_in(alert["expr"] for alert in alerts) <= known(Scrape(roomy))
    for alert in alerts:
        assert alert["annotations"]["summary"] and alert["annotations"]["description"], alert
        assert alert["labels"]["severity"] in ("warning", "critical"), alert


def test_the_documented_metrics_are_those_there_are(roomy):
    page = (ROOT / "docs/observability.md").read_text()
    rows = re.findall(r"^\| `((?:corral|process)_\w+)` \| (\w+) \|", page, re.MULTILINE)
    told = {}
    for family in Scrape(roomy).families.values():
        suffix = "_total" if family.type == "counter" else ""
        told[family.name + suffix] = family.type
    assert dict(rows) == told
