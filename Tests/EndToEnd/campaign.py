"""A campaign of malformed requests against a running daemon with real models.

    make campaign                                   # 10,000 requests, a seed of its own
    make campaign ARGS="--requests 2000 --seed 7"
    make campaign ARGS="--seed 7 --only 1234"       # one request again, shown in full

What must hold: every request is answered or its connection closed; nothing fails that is not meant
to; every error is one of the API's own shape and holds no path of the machine; and afterwards the
daemon lives, holds no lease and no more files than before, and answers as before.
"""

import argparse
import collections
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from campaign_requests import Maker
from campaign_verdict import Verdict
from campaign_wire import BadAnswer, Wire
from daemon import CHAT, EMBED, RERANK, Daemon
from processes import Memory, until

# What a model answers where a damaged request does not say how much: few words, quickly.
CONFIGURATION = {
    "parallel": 4,
    "models": {CHAT: {"context": 512, "arguments": ["--predict", "4"]}},
}


class Campaign:
    """Sends requests from several threads and judges the answers."""

    def __init__(self, daemon, seed, workers=8, patience=60):
        self.daemon, self.seed, self.workers, self.patience = daemon, seed, workers, patience
        self.address = ("127.0.0.1", daemon.port)
        self.maker = Maker(seed, self._routes())
        self.verdict = Verdict(secrets=self._secrets())
        self.statuses = collections.Counter()
        self.kinds = collections.Counter()
        self.failures = []
        self._lock = threading.Lock()

    def _routes(self):
        """The routes that the daemon says it has."""
        text = self.daemon.get("/", headers={"Accept": "text/plain"}).body.decode()
        lines = [line.split() for line in text.splitlines()]
        return [" ".join(line) for line in lines
                if len(line) == 2 and line[0].isupper() and line[1].startswith("/")
                and "{" not in line[1]]

    def _secrets(self):
        """What no answer may hold: where things are on this machine."""
        environment = self.daemon.environment
        places = [environment["CORRAL_MODELS"], environment["HOME"],
                  str(Path(environment["CORRAL_LLAMA_SERVER"]).parent),
                  os.path.realpath(environment["CORRAL_MODELS"]), "/tmp/corral", "/run/user/",
                  "/work/", "/root/"]
        return [place.encode() for place in places]

    def run(self, count, first=0):
        numbers = iter(range(first, first + count))

        def work():
            while True:
                with self._lock:
                    number = next(numbers, None)
                    if number is None or len(self.failures) > 50:
                        return
                self.one(self.maker.case(number))

        threads = [threading.Thread(target=work) for _ in range(self.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self

    def one(self, case, show=False):
        """Sends one case and notes what is wrong with what comes back."""
        begin = time.monotonic()
        replies = []
        try:
            wrong = self._exchange(case, replies)
        except BadAnswer as error:
            wrong = str(error)
        except TimeoutError:
            wrong = f"no answer within {time.monotonic() - begin:.0f} s"
        except ConnectionResetError:
            wrong = None if case.ending != "read" else "the connection was reset"
        with self._lock:
            self.kinds[case.kind] += 1
            self.statuses.update(reply.status for reply in replies)
            if wrong:
                self.failures.append((case, wrong, replies))
        if show:
            print(f"-- sent ({case.kind}, {case.ending})\n{case.sent!r}")
            for reply in replies:
                print(f"-- {reply.status} {reply.headers}\n{reply.body!r}")
        return wrong

    def _exchange(self, case, replies):
        wire = Wire(self.address, self.patience)
        try:
            wire.send(case.pieces)
            if case.ending == "leave":
                return None
            if case.ending == "reset":
                wire.reset()
                return None
            if case.ending == "first-byte":
                wire.socket.recv(1)
                return None
            if case.ending == "half":
                wire.finish()
            expected = case.notes or [(case.method, case.path)]
            for method, path in expected:
                reply = wire.reply(method)
                if reply is None:
                    break
                replies.append(reply)
                wrong = self.verdict.of(reply, method, path, case)
                if wrong:
                    return wrong
                # Behind a feed of events nothing follows.
                if reply.endless or reply.headers.get("connection", "").lower() == "close":
                    break
            # Who says no more while a model works for it is taken for gone.
            if case.must_answer and not replies and case.ending != "half":
                return "closed without an answer"
            return None
        finally:
            wire.close()

    def report(self, file=sys.stdout):
        def line(counter):
            return ", ".join(f"{key} {count}" for key, count in sorted(counter.items()))

        print(f"seed {self.seed}: {sum(self.kinds.values())} connections ({line(self.kinds)})",
              file=file)
        print(f"answers: {sum(self.statuses.values())} ({line(self.statuses)})", file=file)
        for case, wrong, replies in self.failures[:20]:
            print(f"\nWRONG --seed {self.seed} --only {case.number} ({case.kind}): {wrong}",
                  file=file)
            print(f"  sent     {case.sent[:600]!r}", file=file)
            for reply in replies:
                print(f"  answered {reply.status} {reply.body[:600]!r}", file=file)


def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def settled(daemon):
    """Whether nobody holds or waits for anything."""
    status = daemon.status()
    return status["waiting"] == 0 and all(
        model["leases"] == 0 and model["waiting"] == 0 and model["state"] != "loading"
        for model in status["models"])


def answers(daemon):
    """What the three models say to plain questions; each must be right."""
    chat = daemon.post("/v1/chat/completions", {
        "model": CHAT, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2})
    embedding = daemon.post("/v1/embeddings", {"model": EMBED, "input": "wool"})
    rerank = daemon.post("/v1/rerank", {"model": RERANK, "query": "a", "documents": ["b", "c"]})
    for answer in (chat, embedding, rerank):
        assert answer.status == 200, answer
    assert chat.json["choices"] and len(rerank.json["results"]) == 2
    return embedding.json["data"][0]["embedding"]


def conduct(daemon, seed, count, workers=8):
    """Runs a campaign and checks the daemon before and after; the campaign."""
    before = answers(daemon)
    until(lambda: settled(daemon), "nothing is leased before the campaign")
    open_before = files(daemon.pid)
    campaign = Campaign(daemon, seed, workers).run(count)
    assert daemon.process.poll() is None, f"the daemon ended: {daemon.log(60)}"
    until(lambda: settled(daemon), "every lease is back after the campaign")
    after = answers(daemon)
    assert max(abs(a - b) for a, b in zip(before, after)) < 1e-3, "the embedder answers otherwise"
    # A model that was loaded again has pipes and sockets of its own: as many as before.
    until(lambda: files(daemon.pid) <= open_before + 8,
          f"no connection is left open: {open_before} files before, {files(daemon.pid)} now")
    return campaign


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000, help="how many (default 10,000)")
    parser.add_argument("--seed", type=int, default=None, help="default: drawn, and printed")
    parser.add_argument("--workers", type=int, default=8, help="connections at once (default 8)")
    parser.add_argument("--only", type=int, help="the one request of this number, shown in full")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        daemon = Daemon(os.environ["CORRAL_BIN"], os.environ["CORRAL_LLAMA_SERVER"],
                        os.environ["CORRAL_MODELS"], folder, configuration=CONFIGURATION)
        try:
            daemon.wait_until_ready()
            if options.only is not None:
                campaign = Campaign(daemon, seed)
                wrong = campaign.one(campaign.maker.case(options.only), show=True)
                print(wrong or "nothing is wrong")
                return 1 if wrong else 0
            begin = time.monotonic()
            campaign = conduct(daemon, seed, options.requests, options.workers)
            campaign.report()
            took, memory = time.monotonic() - begin, Memory.of(daemon.pid)
            print(f"{took:.0f} s; the daemon holds {memory.total / (1 << 20):.1f} MiB, of them "
                  f"{memory.private / (1 << 20):.1f} private")
            return 1 if campaign.failures else 0
        finally:
            daemon.destroy()


if __name__ == "__main__":
    sys.exit(main())
