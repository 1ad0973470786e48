"""A llama-server of its own, asked directly: what Corral's answers are compared with."""

import json
import subprocess
import urllib.error
import urllib.request

from daemon import Answer, free_port
from processes import until


class DirectServer:
    def __init__(self, binary, model, *arguments):
        self.url = f"http://127.0.0.1:{free_port()}"
        port = self.url.rpartition(":")[2]
        self.process = subprocess.Popen(
            [str(binary), "-m", str(model), "--host", "127.0.0.1", "--port", port, "--no-ui",
             "--fit", "off", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def post(self, path, body):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def ask(self, path, body):
        """Posts, and returns the answer whatever its status."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def _ready(self):
        assert self.process.poll() is None, "llama-server ended while it was to start"
        try:
            with urllib.request.urlopen(self.url + "/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def __enter__(self):
        until(self._ready, "llama-server is ready")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
