// What came, what left, and why: lanes for the eye, sentences for the rest.

const reasons = {
  space: "made room", pressure: "gave its memory to other programs", idle: "was idle for as long as it may be", request: "was unloaded by request",
  context: "is loaded again with more context", shutdown: "left at shutdown",
};

/** A sentence about an event, without the model it begins with; null for what is no news. */
function sentence(event) {
  switch (event.event) {
  case "load_finished": return { kind: "came", text: `loaded in ${span(event.took_seconds)}` };
  case "load_failed": return { kind: "failed", text: `could not be loaded: ${event.message}` };
  case "load_cancelled": return { kind: "left", text: "is not loaded after all: nobody waits for it" };
  case "draining": return { kind: "left", text: "leaves when its answers have ended" };
  case "unload_started": {
    const room = event.for ? ` for ${event.for.model}` : "";
    const why = event.because ? ` — ${event.because}` : "";
    return { kind: "left", text: `${reasons[event.reason] ?? event.reason}${room}${why}` };
  }
  case "exited": return { kind: "failed", text: `ended without being asked to: ${event.message}` };
  case "pin_changed": return { kind: "pin", text: event.pinned ? "was pinned" : "is not pinned any more" };
  case "request_refused": return { kind: "failed", text: `a request was refused: ${event.message}` };
  case "prefetch_started": return { kind: "pin", text: "is loaded ahead: it will probably be wanted" };
  case "oversubscription_changed":
    return event.oversubscribed ?? event.pressure?.oversubscribed
      ? { kind: "failed", text: "Most time goes into bringing back what was just evicted" }
      : { kind: "pin", text: "Models fit together again" };
  case "shutdown_started": return { kind: "left", text: "Corral shuts down" };
  default: return null;
  }
}

class TimelineView {
  static limit = 60;
  /** The time that the lanes show, in seconds. */
  static window = 600;

  #events = [];
  #lanes = new Map();
  /** When the cache began, as this machine's clock has it, in seconds. */
  #began = null;

  constructor(list, lanes) {
    this.list = list;
    this.lanes = lanes;
  }

  setHistory(events) {
    this.#events = [];
    this.#began = null;
    this.list.replaceChildren();
    for (const event of events) this.#keep(event);
    this.#drawList();
  }

  add(event) {
    this.#keep(event);
    this.#drawList();
    const told = sentence(event);
    if (told && event.model && told.kind !== "pin") announce(`${calledBy(event)} ${told.text}`);
  }

  #keep(event) {
    // A client that is refused over and over is one line of news.
    const last = this.#events.at(-1);
    if (event.event === "request_refused" && last?.event === event.event
        && identity(last) === identity(event) && last.code === event.code) {
      this.#events.pop();
    }
    this.#events.push(event);
    if (this.#events.length > 400) this.#events.shift();
  }

  #drawList() {
    const news = this.#events.filter(sentence).slice(-TimelineView.limit);
    show(find("no-timeline"), news.length === 0);
    if (this.#began === null) return;
    const items = news.toReversed().map((event) => event.item ??= this.#item(event));
    // Only what is new is put in, so that what is there keeps still.
    for (const item of [...this.list.children]) if (!items.includes(item)) item.remove();
    let place = this.list.firstChild;
    for (const item of items) {
      if (item === place) { place = place.nextSibling; continue; }
      this.list.insertBefore(item, place);
    }
  }

  #item(event) {
    const told = sentence(event);
    const at = new Date((this.#began + event.time_seconds) * 1000);
    const time = element("time", "", at.toLocaleTimeString([], { hour12: false }));
    time.dateTime = at.toISOString();
    const name = event.model ? element("strong", "", calledBy(event)) : "";
    const words = element("span", "words", name, event.model ? ` ${told.text}` : told.text);
    const item = element("li", `${told.kind} ${event.model ? colour(event) : ""}`,
      time, element("i", "chip"), words);
    item.title = `${at.toLocaleString()}: ${event.event.replaceAll("_", " ")}`;
    return item;
  }

  render(status) {
    const began = Date.now() / 1000 - status.uptime_seconds;
    const isFirst = this.#began === null;
    if (isFirst || Math.abs(began - this.#began) > 2) this.#began = began;
    if (isFirst) this.#drawList();
    this.#drawLanes(status);
  }

  /** The stays of each model in the window, from the events and from what is there now. */
  #stays(status) {
    const now = status.uptime_seconds;
    const stays = new Map();
    const of = (event) => {
      const name = identity(event);
      if (!stays.has(name)) stays.set(name, { model: event, spans: [] });
      return stays.get(name).spans;
    };
    for (const event of this.#events) {
      if (!event.model) continue;
      const spans = of(event), last = spans.at(-1), open = last && last.end === null ? last : null;
      switch (event.event) {
      case "load_started": spans.push({ begin: event.time_seconds, ready: null, end: null }); break;
      case "load_finished":
        if (open) open.ready = event.time_seconds;
        else spans.push({ begin: event.time_seconds - event.took_seconds, ready: event.time_seconds, end: null });
        break;
      case "unload_finished": case "load_failed": case "load_cancelled": case "exited":
        if (open) open.end = event.time_seconds;
        break;
      default: break;
      }
    }
    for (const model of status.models) {
      if (["absent", "cooling_down"].includes(model.state)) continue;
      const spans = of(model);
      if (spans.at(-1)?.end === null) continue;
      const begin = now - (model.age_seconds ?? 0);
      spans.push({ begin, ready: model.state === "loading" ? null : begin, end: null });
    }
    return [...stays.values()];
  }

  #drawLanes(status) {
    const now = status.uptime_seconds;
    const width = Math.min(TimelineView.window, Math.max(60, now));
    const from = now - width;
    const seen = new Set();
    for (const { model, spans } of this.#stays(status)) {
      const visible = spans.filter((stay) => (stay.end ?? now) > from);
      if (visible.length === 0) continue;
      const name = identity(model);
      seen.add(name);
      let lane = this.#lanes.get(name);
      if (!lane) {
        const track = element("div", "track");
        lane = { row: element("div", `lane ${colour(model)}`, element("span", "", calledBy(model)), track), track };
        this.#lanes.set(name, lane);
        this.lanes.append(lane.row);
      }
      while (lane.track.children.length > visible.length) lane.track.lastChild.remove();
      while (lane.track.children.length < visible.length) {
        lane.track.append(element("div", "stay", element("div", "wait")));
      }
      visible.forEach((stay, index) => {
        const begin = Math.max(stay.begin, from), end = stay.end ?? now;
        const bar = lane.track.children[index];
        bar.style.left = `${((begin - from) / width) * 100}%`;
        bar.style.width = `${((end - begin) / width) * 100}%`;
        const loading = Math.max(0, (stay.ready ?? end) - begin);
        bar.firstChild.style.width = `${end > begin ? Math.min(100, (loading / (end - begin)) * 100) : 0}%`;
      });
    }
    for (const [name, lane] of this.#lanes) {
      if (!seen.has(name)) { lane.row.remove(); this.#lanes.delete(name); }
    }
    this.lanes.dataset.window = `last ${span(width)}`;
    show(this.lanes, seen.size > 0);
  }
}
