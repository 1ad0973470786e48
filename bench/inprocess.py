"""llama.cpp in a Swift process (CorralLlama) against llama.cpp's own programs, in one run.

speed      tokens a second of a prompt of 512 and of 128 more, against llama-bench
together   eight conversations at once, against llama-server with eight slots
restore    time to first token of a conversation of 4,000 tokens, restored against computed
cycles     resident memory after 100 and after 1,000 loads and unloads of the reranker
roles      memory of a second role on one file, against its weights
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCH = Path(os.environ.get("CORRAL_INPROCESS_BENCH", ROOT / ".build/release/in-process-bench"))
SERVER = Path(os.environ["CORRAL_LLAMA_SERVER"])
MODELS = Path(os.environ["CORRAL_MODELS"])
CHAT = MODELS / "SmolLM2-135M-Instruct.Q4_1.gguf"
RERANK = MODELS / "tiny-random-reranker.gguf"
THREADS = max(1, (os.cpu_count() or 2) // (2 if os.cpu_count() and os.cpu_count() > 4 else 1))
FAILED = []


def measure(*arguments):
    command = [str(BENCH), *(str(argument) for argument in arguments)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def report(name, value, bar, better):
    holds = value >= bar if better == "more" else value <= bar
    sign = "≥" if better == "more" else "≤"
    print(f"{name:58} {value:8.3f}   ({sign} {bar}: {'holds' if holds else 'MISSED'})")
    if not holds:
        FAILED.append(name)


def llama_bench():
    command = [str(SERVER.parent / "llama-bench"), "-m", str(CHAT), "-p", "512", "-n", "128",
               "-t", str(THREADS), "-fa", "1", "-r", "5", "-o", "json", "-ngl", "0"]
    results = json.loads(subprocess.run(command, capture_output=True, text=True,
                                        check=True).stdout)
    median = {}
    for result in results:
        samples = sorted(result["samples_ts"])
        median["prompt" if result["n_gen"] == 0 else "answer"] = samples[len(samples) // 2]
    return median


def speed():
    # Twice, taking turns: what else the machine does hits both.
    mine = [measure("speed", CHAT, THREADS)]
    theirs = [llama_bench()]
    mine.append(measure("speed", CHAT, THREADS))
    theirs.append(llama_bench())
    for part in ("prompt", "answer"):
        ratio = max(run[part] for run in mine) / max(run[part] for run in theirs)
        print(f"{part}: {max(run[part] for run in mine):.1f} tokens/s, "
              f"llama-bench {max(run[part] for run in theirs):.1f}")
        report(f"{part} speed, share of llama-bench's", ratio, 0.97, "more")


def server_together(count):
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
        speeds = []
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            for number in range(6):
                begin = time.monotonic()
                tokens = sum(pool.map(ask, range(number * count, (number + 1) * count)))
                speeds.append(tokens / (time.monotonic() - begin))
        return sorted(speeds[1:])[2]
    finally:
        process.terminate()
        process.wait()


def together():
    theirs, mine = server_together(8), measure("together", CHAT, 8)["answer"]
    print(f"eight conversations: {mine:.1f} tokens/s, llama-server {theirs:.1f}")
    report("eight conversations, share of llama-server's throughput", mine / theirs, 0.9, "more")


def restore():
    with tempfile.TemporaryDirectory() as folder:
        result = measure("restore", CHAT, folder)
    print(f"{result['tokens']:.0f} tokens: computed {result['computed']:.2f} s, restored "
          f"{result['restored']:.3f} s, {result['reused']:.0f} reused")
    report("restored conversation, share of computing it",
           result["restored"] / result["computed"], 0.1, "less")


def cycles():
    result = measure("cycles", RERANK, 1000)
    print(f"resident after 100 loads {result['early'] / 2**20:.1f} MiB, after 1,000 "
          f"{result['late'] / 2**20:.1f} MiB")
    report("growth over 900 loads, MiB", (result["late"] - result["early"]) / 2**20, 2, "less")


def roles():
    result = measure("roles", CHAT)
    print(f"one role {result['one'] / 2**20:.0f} MiB, two {result['two'] / 2**20:.0f} MiB, "
          f"weights {result['weights'] / 2**20:.0f} MiB")
    report("a second role, share of the weights",
           (result["two"] - result["one"]) / result["weights"], 0.7, "less")


if __name__ == "__main__":
    if not BENCH.exists():
        sys.exit(f"{BENCH} is not built: scripts/swift.sh build -c release")
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    for part in (speed, together, restore, cycles, roles):
        if not wanted or part.__name__ in wanted:
            part()
    if FAILED and "--check" in sys.argv:
        sys.exit(1)
