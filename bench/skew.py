"""Load seconds for a skewed stream of requests: Corral against llama-server's own router.

Three models, a chat model, an embedding model and a reranker, in a memory for two of them: Corral
has a budget for any two, the router `--models-max 2`. The router is given the flags that Corral
gives its own processes, each model its own. Both run all the time and are asked for the same
models in the same order, seventy of a hundred for the chat model.

A request's load seconds are what it takes longer than the median of requests whose model is in
memory, which are measured first. What counts is the ratio of their sums, Corral's over the
router's; it must be less than 1. (`load seconds` told by Corral itself, from the start of a load to
its end, are printed beside it.)
"""

import random
import re
import statistics
import tempfile
import time
from pathlib import Path

import report
from daemons import CHAT, EMBED, Corral, Router, flags, models
from wire import Address, Connection, post

RERANK = "tiny-random-reranker"
WEIGHTS = {CHAT: 70, EMBED: 20, RERANK: 10}
BAR = 1.0

REQUESTS = {
    CHAT: ("/v1/chat/completions", {
        "max_tokens": 1, "temperature": 0,
        "messages": [{"role": "user", "content": "Why do llamas hum?"}]}),
    EMBED: ("/v1/embeddings", {"input": "Why do llamas hum?"}),
    RERANK: ("/v1/rerank", {"query": "llamas", "documents": ["alpacas", "submarines"]}),
}


class PresetRouter(Router):
    """The router with a section of flags for each model."""

    def __init__(self, sections: dict[str, tuple[Path, list[str]]], most: int):
        super().__init__(Path("/nonexistent"), [])
        self._most = most
        lines = []
        for name, (path, words) in sections.items():
            lines += [f"[{name}]", f"model = {path}", *preset(words), ""]
        self._preset = self.folder / "models.ini"
        self._preset.write_text("\n".join(lines))

    def command(self) -> list[str]:
        words = super().command()
        start = words.index("--models-dir")
        return [*words[:start], "--models-preset", str(self._preset),
                "--models-max", str(self._most)]

    def loads(self) -> int:
        """The processes it has started, by its log."""
        return len(re.findall(r"spawning server instance with name=", self.log.read_text(errors="replace")))


def preset(words: list[str]) -> list[str]:
    """Flags as the lines of an INI section: `--ctx-size 2048` is `ctx-size = 2048`."""
    lines: list[str] = []
    for word in words:
        if re.fullmatch(r"-{1,2}[a-z][a-z-]*", word):
            lines.append(f"{word.lstrip('-')} = true")
        else:
            lines[-1] = lines[-1].replace("= true", f"= {word}")
    return lines


def ask(address: Address, names: dict[str, str], model: str) -> float:
    path, body = REQUESTS[model]
    with Connection(address) as connection:
        connection.open()
        request = post(path, {"model": names[model], **body})
        return connection.ask(request).checked().last_byte


def probe() -> tuple[dict[str, int], dict[str, tuple[Path, list[str]]]]:
    """Bytes planned for each model, and its file and the flags Corral gives its process."""
    with Corral() as corral:
        planned, sections = {}, {}
        for model in WEIGHTS:
            corral.load(model)
            planned[model] = corral.planned(model)
            file = next(entry["file"] for entry in corral.status()["models"]
                        if entry["model"] == model)
            sections[model] = (models() / file, flags(corral.children()[file]))
    return planned, sections


def stream(count: int) -> list[str]:
    chance = random.Random(4)
    return chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count)


def resident_seconds(address: Address, names: dict[str, str]) -> dict[str, float]:
    """The median of requests that find their model in memory."""
    medians = {}
    for model in WEIGHTS:
        ask(address, names, model)
        medians[model] = statistics.median(ask(address, names, model) for _ in range(15))
    return medians


def main() -> None:
    given = report.options(__doc__, requests=(300, "requests to each"))
    planned, sections = probe()
    everything, smallest = sum(planned.values()), min(planned.values())
    budget = everything - smallest // 2
    names = {model: model for model in WEIGHTS}
    with (Corral(memory=f"{budget >> 20}MiB", arguments=["--policy", "value"]) as corral,
          PresetRouter(sections, 2) as router):
        sides = {"Corral": corral.address, "router": router.address}
        resident = {side: resident_seconds(address, names) for side, address in sides.items()}
        before = corral.status()["totals"], router.loads()
        times: dict[str, list[tuple[str, float]]] = {side: [] for side in sides}
        for number, model in enumerate(stream(given.requests)):
            order = list(sides.items())
            if number % 2:
                order.reverse()
            for side, address in order:
                times[side].append((model, ask(address, names, model)))
            time.sleep(0.02)
        totals, loads = corral.status()["totals"], router.loads() - before[1]
    seconds = {
        side: sum(max(0.0, took - resident[side][model]) for model, took in times[side])
        for side in sides}
    own = totals["load_seconds"] - before[0]["load_seconds"]
    counts = {"Corral": totals["loads"] - before[0]["loads"], "router": loads}
    ratio = seconds["Corral"] / seconds["router"]
    report.table(
        [f"{given.requests} requests, room for two of three", "loads", "load seconds",
         "told by itself", "hit, ms"],
        [[side, str(counts[side]), f"{seconds[side]:.2f}",
          f"{own:.2f}" if side == "Corral" else "-",
          " / ".join(f"{value * 1000:.1f}" for value in resident[side].values())]
         for side in sides])
    print(f"ratio {ratio:.3f}")
    report.finish(
        "skew", {"seconds": seconds, "loads": counts, "ratio": ratio, "told": own,
                 "resident": resident},
        ratio < BAR, f"ratio below {BAR:g}", given.check)


if __name__ == "__main__":
    main()
