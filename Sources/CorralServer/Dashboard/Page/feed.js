// The connection: requests with the key where there is one, and the stream of news.

const key = {
  get value() { return sessionStorage.getItem("corral-key") ?? ""; },
  set value(text) {
    if (text) sessionStorage.setItem("corral-key", text);
    else sessionStorage.removeItem("corral-key");
    show(find("forget"), text !== "");
  },
};

/** Sends a request; an answer that is an error is thrown with the server's sentence. */
async function ask(path, { body, signal, accept = "application/json" } = {}) {
  const headers = { Accept: accept };
  if (key.value) headers.Authorization = `Bearer ${key.value}`;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method: body ? "POST" : "GET", headers, signal, cache: "no-store",
    body: body ? JSON.stringify(body) : undefined,
  });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => null);
  const error = new Error(problem?.error?.message ?? `The server answered ${answer.status}.`);
  error.status = answer.status;
  throw error;
}

/** Server-sent events of a response, one at a time. */
async function* serverSentEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    const pieces = rest.split("\n\n");
    rest = pieces.pop();
    for (const piece of pieces) {
      const event = { name: "message", data: "" };
      for (const line of piece.split("\n")) {
        if (line.startsWith("event: ")) event.name = line.slice(7);
        if (line.startsWith("data: ")) event.data += line.slice(6);
      }
      yield event;
    }
  }
}

/** Keeps a feed open for as long as the page is looked at. */
class Feed {
  #abort = null;
  #failures = 0;
  #timer = 0;
  #deadline = 0;

  constructor(receive, tell) {
    this.receive = receive;
    this.tell = tell;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#close(); else this.open();
    });
    window.addEventListener("online", () => this.open());
  }

  #close() {
    clearTimeout(this.#timer);
    clearInterval(this.#deadline);
    this.#abort?.abort();
    this.#abort = null;
  }

  async open() {
    this.#close();
    const abort = this.#abort = new AbortController();
    try {
      const answer = await ask("/corral/v1/feed", { signal: abort.signal, accept: "text/event-stream" });
      let last = Date.now();
      // A status comes every second: a connection that is silent for long is dead.
      this.#deadline = setInterval(() => {
        if (Date.now() - last > 10_000) abort.abort();
      }, 2_000);
      for await (const event of serverSentEvents(answer)) {
        last = Date.now();
        this.#failures = 0;
        this.receive(event.name, JSON.parse(event.data));
      }
      throw new Error("The connection ended.");
    } catch (error) {
      // Closed on purpose, and opened again since or later.
      if (this.#abort !== abort) return;
      this.#close();
      if (error.status === 401 || error.status === 403) return this.tell("key", error.message);
      this.#failures += 1;
      const pause = Math.min(15, 2 ** (this.#failures - 1));
      this.tell("lost", error.status ? error.message : "", pause);
      this.#timer = setTimeout(() => this.open(), pause * 1000);
    }
  }
}
