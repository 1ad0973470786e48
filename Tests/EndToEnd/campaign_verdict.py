"""Whether an answer is one that the daemon may give."""

import json

# What fails by design, with a status of 500 and above: the model or the memory, never the server.
OWN_FAILURES = {
    "insufficient_memory", "wait_timed_out", "shutting_down", "load_failed", "model_exited",
    "model_failed", "too_many_connections",
}


class Verdict:
    """Judges answers."""

    def __init__(self, secrets):
        self.secrets = secrets

    def of(self, reply, method, path, case):
        """What is wrong with an answer; None where nothing is."""
        for secret in self.secrets:
            if secret in reply.body or any(
                    secret.decode() in value for value in reply.headers.values()):
                return f"the answer holds a path of the machine, {secret.decode()}"
        if not 200 <= reply.status <= 599:
            return f"a status of {reply.status}"
        if reply.status < 400:
            return self._success(reply, case)
        if reply.status == 499:
            return "a client that stayed was taken for gone"
        if method == "HEAD":
            return None if reply.status < 500 else "a HEAD failed"
        return self._error(reply, path)

    def _success(self, reply, case):
        if not reply.whole and not reply.endless and case.ending == "read":
            return "the answer was cut off"
        kind = reply.headers.get("content-type", "")
        if kind.startswith("application/json") and reply.body and reply.whole:
            try:
                reply.json
            except ValueError as error:
                return f"the answer is no JSON: {error}"
        return None

    def _error(self, reply, path):
        if reply.status == 405 and "allow" not in reply.headers:
            return "405 without Allow"
        if reply.status in (429, 503) and "retry-after" not in reply.headers:
            return f"{reply.status} without Retry-After"
        if not reply.headers.get("content-type", "").startswith("application/json"):
            return "an error that is not said to be JSON"
        if not reply.whole:
            return "an error that was cut off"
        try:
            body = reply.json
        except ValueError as error:
            return f"an error that is no JSON: {error}"
        path = path.split("?")[0]
        if path.startswith("/api/"):
            return self._ollama(reply, body)
        if path.startswith("/v2/"):
            return self._cohere(reply, body)
        if path.startswith("/v1/messages"):
            return self._anthropic(reply, body)
        return self._openai(reply, body)

    @staticmethod
    def _openai(reply, body):
        error = body.get("error") if isinstance(body, dict) else None
        if not isinstance(error, dict):
            return "an error without 'error'"
        if not isinstance(error.get("message"), str) or not error["message"]:
            return "an error without a message"
        if not isinstance(error.get("type"), str) or not error["type"]:
            return "an error without a type"
        # 501: llama-server's word for what the model cannot do, such as filling in.
        if reply.status >= 500 and reply.status != 501 and error.get("code") not in OWN_FAILURES:
            return f"a failure that is not by design: {json.dumps(error)[:300]}"
        return None

    @staticmethod
    def _anthropic(reply, body):
        error = body.get("error") if isinstance(body, dict) else None
        if body.get("type") != "error" or not isinstance(error, dict):
            return "no error of Anthropic's shape"
        if not isinstance(error.get("message"), str) or not error["message"]:
            return "an error without a message"
        if not isinstance(error.get("type"), str) or not error["type"]:
            return "an error without a type"
        if reply.status == 500:
            return f"a failure that is not by design: {json.dumps(error)[:300]}"
        return None

    @staticmethod
    def _cohere(reply, body):
        if not isinstance(body, dict) or not isinstance(body.get("message"), str):
            # What is no HTTP is answered in everybody's words.
            return None if isinstance(body.get("error"), dict) else "no error of Cohere's shape"
        if reply.status == 500:
            return f"a failure that is not by design: {json.dumps(body)[:300]}"
        return None

    @staticmethod
    def _ollama(reply, body):
        if not isinstance(body, dict) or not isinstance(body.get("error"), (str, dict)):
            return "no error of Ollama's shape"
        if reply.status == 500:
            return f"a failure that is not by design: {json.dumps(body)[:300]}"
        return None
