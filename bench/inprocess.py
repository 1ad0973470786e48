"""llama.cpp in a Swift process (CorralLlama) against llama.cpp's own programs, in one run.

speed      tokens a second of a prompt of 512 and of 128 more, against llama-bench
together   eight conversations at once, against llama-server with eight slots
restore    time to first token of a conversation of 4,000 tokens, restored against computed
cycles     resident memory after 100 and after 1,000 loads and unloads of the reranker
roles      memory of a second role on one file, against its weights
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parent.parent
BENCH = Path(os.environ.get("CORRAL_INPROCESS_BENCH", ROOT / ".build/release/in-process-bench"))
SERVER = Path(os.environ["CORRAL_LLAMA_SERVER"])
MODELS = Path(os.environ["CORRAL_MODELS"])
CHAT = MODELS / "SmolLM2-135M-Instruct.Q4_1.gguf"
RERANK = MODELS / "tiny-random-reranker.gguf"
THREADS = max(1, (os.cpu_count() or 2) // (2 if os.cpu_count() and os.cpu_count() > 4 else 1))
FIGURES = {}


def measure(*arguments):
    command = [str(BENCH), *(str(argument) for argument in arguments)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def note(name, value, bar, better, **more):
    """Prints a figure and whether its bar holds."""
    holds = value >= bar if better == "more" else value <= bar
    sign = "≥" if better == "more" else "≤"
    print(f"{name:58} {value:8.3f}   ({sign} {bar}: {'holds' if holds else 'MISSED'})", flush=True)
    FIGURES[name] = {"value": value, "holds": holds, **more}


def ratios(pairs):
    """The median of the ratios within pairs, and the pairs."""
    return statistics.median(mine / theirs for mine, theirs in pairs)


def llama_bench():
    command = [str(SERVER.parent / "llama-bench"), "-m", str(CHAT), "-p", "512", "-n", "128",
               "-t", str(THREADS), "-fa", "1", "-r", "5", "-o", "json", "-ngl", "0"]
    results = json.loads(subprocess.run(command, capture_output=True, text=True,
                                        check=True).stdout)
    return {"prompt" if result["n_gen"] == 0 else "answer": statistics.median(result["samples_ts"])
            for result in results}


def speed(count):
    pairs = []
    for number in range(count):
        # In turns, each first every other time: what else the machine does hits both.
        runs = [lambda: measure("speed", CHAT, THREADS), llama_bench]
        results = [run() for run in (runs if number % 2 else runs[::-1])]
        pairs.append(results if number % 2 else results[::-1])
    for part in ("prompt", "answer"):
        values = [(mine[part], theirs[part]) for mine, theirs in pairs]
        mine, theirs = (statistics.median(side) for side in zip(*values))
        print(f"{part}: {mine:.1f} tokens/s, llama-bench {theirs:.1f}")
        note(f"{part} speed, share of llama-bench's", ratios(values), 0.97, "more", pairs=values)


@contextlib.contextmanager
def server(count):
    """A llama-server with so many slots; yields what asks it for as many answers at once."""
    port = int(os.environ.get("CORRAL_BENCH_PORT", "12890"))
    command = [str(SERVER), "-m", str(CHAT), "--port", str(port), "-c", "4096", "-np", str(count),
               "-t", str(THREADS), "--kv-unified", "--cache-ram", "0", "--no-ui", "-fa", "on",
               "--fit", "off"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def ask(number):
        body = {"messages": [{"role": "system", "content": "Be brief."},
                             {"role": "user", "content": f"Conversation {number}: tell a long story."}],
                "temperature": 0, "max_tokens": 96}
        request = urllib.request.Request(url + "/v1/chat/completions", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["usage"]["completion_tokens"]

    try:
        while True:
            try:
                urllib.request.urlopen(url + "/health")
                break
            except OSError:
                time.sleep(0.1)
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            rounds = iter(range(1_000_000))

            def together():
                """The median of five rounds after one that nobody times."""
                speeds = []
                for _ in range(6):
                    number = next(rounds)
                    begin = time.monotonic()
                    tokens = sum(pool.map(ask, range(number * count, (number + 1) * count)))
                    speeds.append(tokens / (time.monotonic() - begin))
                return statistics.median(speeds[1:])

            yield together
    finally:
        process.terminate()
        process.wait()


def together(count):
    pairs = []
    with server(8) as asked:
        for number in range(count):
            runs = [lambda: measure("together", CHAT, 8)["answer"], asked]
            results = [run() for run in (runs if number % 2 else runs[::-1])]
            pairs.append(results if number % 2 else results[::-1])
    mine, theirs = (statistics.median(side) for side in zip(*pairs))
    print(f"eight conversations: {mine:.1f} tokens/s, llama-server {theirs:.1f}")
    note("eight conversations, share of llama-server's throughput", ratios(pairs), 0.9, "more",
         pairs=pairs)


def restore(_):
    with tempfile.TemporaryDirectory() as folder:
        result = measure("restore", CHAT, folder)
    print(f"{result['tokens']:.0f} tokens: computed {result['computed']:.2f} s, restored "
          f"{result['restored']:.3f} s, {result['reused']:.0f} reused")
    note("restored conversation, share of computing it",
           result["restored"] / result["computed"], 0.1, "less")


def cycles(_):
    result = measure("cycles", RERANK, 1000)
    print(f"resident after 100 loads {result['early'] / 2**20:.1f} MiB, after 1,000 "
          f"{result['late'] / 2**20:.1f} MiB")
    note("growth over 900 loads, MiB", (result["late"] - result["early"]) / 2**20, 2, "less")


def roles(_):
    result = measure("roles", CHAT)
    print(f"one role {result['one'] / 2**20:.0f} MiB, two {result['two'] / 2**20:.0f} MiB, "
          f"weights {result['weights'] / 2**20:.0f} MiB")
    note("a second role, share of the weights",
           (result["two"] - result["one"]) / result["weights"], 0.7, "less")


PARTS = {part.__name__: part for part in (speed, together, restore, cycles, roles)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit with 1 below the bar")
    parser.add_argument("--pairs", type=int, default=5, metavar="N",
                        help="pairs of what is compared in turns (default 5)")
    parser.add_argument("parts", nargs="*", metavar="PART", help="some of: " + ", ".join(PARTS))
    given = parser.parse_args()
    for name in given.parts:
        if name not in PARTS:
            parser.error(f"there is no part {name}; there are: {', '.join(PARTS)}")
    if not BENCH.exists():
        sys.exit(f"error: {BENCH} is not built; run: scripts/swift.sh build -c release")
    for name in given.parts or PARTS:
        PARTS[name](given.pairs)
    report.finish("inprocess", FIGURES, all(figure["holds"] for figure in FIGURES.values()),
                  "each as above", given.check)


if __name__ == "__main__":
    main()
