// Models: those in memory first, then those that could be.

const stateWords = {
  loading: "loading", resident: "in memory", draining: "leaving when its answers end",
  unloading: "leaving", cooling_down: "failed, cooling down", absent: "on disk",
};

/** One line on what a model is doing. */
function activity(model) {
  switch (model.state) {
  case "loading": return `loading, ${Math.floor(model.progress * 100)} %`;
  case "resident":
    if (model.leases > 0) return count(model.leases, "answer under way", "answers under way");
    return `idle ${idleSpan(model.idle_seconds ?? 0)}`;
  case "draining": return `leaves after ${count(model.leases, "answer")}`;
  default: return stateWords[model.state] ?? model.state;
  }
}

class ModelsView {
  #rows = new Map();
  #listed = [];
  #order = "";

  constructor(list, act) {
    this.list = list;
    this.act = act;
  }

  /** Takes in which models there are, in memory or not. */
  setListed(models) {
    this.#listed = models.flatMap((model) =>
      (model.roles ?? []).map((role) => ({
        model: model.id, role, state: "absent", context: model.context_length,
      })));
    for (const model of this.#listed.toSorted((a, b) => identity(a) < identity(b) ? -1 : 1)) colour(model);
  }

  knows(model) {
    return this.#listed.some((listed) => listed.model === model.model && listed.role === model.role);
  }

  render(status) {
    const models = new Map(this.#listed.map((model) => [identity(model), model]));
    for (const model of status.models) {
      models.set(identity(model), { ...models.get(identity(model)), ...model });
    }
    const inMemory = (model) => ["absent", "cooling_down"].includes(model.state) ? 1 : 0;
    const sorted = [...models.values()].sort((a, b) =>
      inMemory(a) - inMemory(b) || a.model.localeCompare(b.model) || a.role.localeCompare(b.role));
    for (const model of sorted) this.#draw(model);
    for (const [name, row] of this.#rows) {
      if (!models.has(name)) { row.item.remove(); this.#rows.delete(name); }
    }
    this.#arrange(sorted);
    show(find("no-models"), sorted.length === 0);
    write(find("no-models"), "No models yet. Put GGUF files into a folder that is served; "
      + "they are found without a restart.");
  }

  /** Moves rows only where their order changed, and keeps the focus where it is. */
  #arrange(sorted) {
    const order = sorted.map(identity).join();
    if (order === this.#order) return;
    this.#order = order;
    const focused = document.activeElement;
    this.list.append(...sorted.map((model) => this.#rows.get(identity(model)).item));
    if (focused && this.list.contains(focused)) focused.focus({ preventScroll: true });
  }

  #make(model) {
    const name = element("span", "name", calledBy(model));
    const about = element("span", "about");
    const state = element("span", "state"), detail = element("span", "detail");
    const progress = element("div", "progress", element("div", "done"));
    const memory = element("span", "size"), plan = element("span", "detail");
    const use = element("span", "uses"), value = element("span", "detail");
    const swap = element("button", "firm"), pin = element("button", "quiet");
    swap.type = pin.type = "button";
    const item = element("li", `model ${colour(model)}`,
      element("div", "who", element("i", "chip"), element("div", "", name, about)),
      element("div", "doing", state, detail, progress),
      element("div", "holding", memory, plan),
      element("div", "worth", use, value),
      element("div", "acts", swap, pin));
    const row = { item, about, state, detail, progress, memory, plan, use, value, swap, pin, model };
    swap.addEventListener("click", () => this.#press(row, swap, swap.dataset.act));
    pin.addEventListener("click", () => this.#press(row, pin, "pin"));
    return row;
  }

  async #press(row, button, act) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-busy", "true");
    try {
      await this.act(act, row.model);
    } finally {
      button.removeAttribute("aria-disabled");
      button.removeAttribute("aria-busy");
    }
  }

  #draw(model) {
    const name = identity(model);
    let row = this.#rows.get(name);
    if (!row) this.#rows.set(name, row = this.#make(model));
    row.model = model;
    const isHere = ["loading", "resident", "draining", "unloading"].includes(model.state);
    const tokens = model.context_tokens || model.context;
    row.item.dataset.state = model.state;
    write(row.about, [model.role, tokens ? `${whole.format(tokens)} tokens` : ""].filter(Boolean).join(" · "));
    const idleLimit = model.idle_limit_seconds ?? (model.keep_alive >= 0 ? model.keep_alive : null);
    write(row.state, activity(model));
    row.item.classList.toggle("busy", model.leases > 0);
    write(row.detail, [
      model.waiting > 0 ? `${count(model.waiting, "request waits", "requests wait")}` : "",
      isHere && model.pinned ? "pinned" : !isHere && model.pinned ? "pinned once loaded" : "",
      isHere && typeof idleLimit === "number" ? `leaves after ${span(idleLimit)} idle` : "",
    ].filter(Boolean).join(" · "));
    show(row.progress, model.state === "loading");
    row.progress.firstChild.style.width = `${(model.progress ?? 0) * 100}%`;
    const held = total(model.measured?.exclusive) + (model.measured?.file_backed ?? 0);
    const planned = total(model.planned?.total);
    write(row.memory, isHere ? bytes(held || planned) : "");
    write(row.plan, isHere && planned ? (held ? `of ${bytes(planned)} planned` : "planned") : "");
    this.#drawWorth(row, model);
    this.#drawActs(row, model, isHere);
  }

  #drawWorth(row, model) {
    const asked = model.leases_granted ?? 0;
    write(row.use, asked > 0 ? count(asked, "use") : model.prefetched ? "loaded ahead" : "");
    const isNext = model.eviction_rank === 1;
    row.item.classList.toggle("next", isNext);
    const reload = model.loads > 0 ? `${span(model.load_seconds / model.loads)} a load` : "";
    write(row.value, isNext ? "next to make room" : reload);
    row.item.querySelector(".worth").title = worth(model);
  }

  #drawActs(row, model, isHere) {
    const act = isHere ? "unload" : "load";
    row.swap.dataset.act = act;
    write(row.swap, isHere ? "Unload" : "Load");
    row.swap.setAttribute("aria-label", `${isHere ? "Unload" : "Load"} ${calledBy(model)} (${model.role})`);
    const pin = model.pinned ? "Unpin" : "Pin";
    write(row.pin, pin);
    row.pin.classList.toggle("set", Boolean(model.pinned));
    row.pin.setAttribute("aria-label", `${pin} ${calledBy(model)} (${model.role})`);
  }
}

/** What the eviction policy thinks of a model. */
function worth(model) {
  if (!model.value) return "";
  const { score, reload_seconds, seconds_to_next_use } = model.value;
  return [
    model.eviction_rank ? `Number ${model.eviction_rank} of those that may make room.` : "May not make room now.",
    `Value ${Number(score.toPrecision(3))}; ${span(reload_seconds)} to bring back`,
    seconds_to_next_use === null ? "" : `, wanted again in about ${span(seconds_to_next_use)}`,
  ].join(" ").replace(" ,", ",");
}
