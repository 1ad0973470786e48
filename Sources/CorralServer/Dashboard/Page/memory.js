// Memory: one bar for each domain, with what models hold, what is reserved for them,
// what other programs take of the budget, and what is free.

/** Colours stay with models, in the order of their names. */
const colours = new Map();
const colourCount = 8;
function colour(model) {
  const name = identity(model);
  if (!colours.has(name)) colours.set(name, colours.size % colourCount);
  return `c${colours.get(name)}`;
}

/** The parts of the bar of one domain, in bytes, the oldest model first. */
function shares(status, domain) {
  const counted = new Set();
  const parts = [];
  for (const model of status.models) {
    if (!model.reserved) continue;
    let reserved = model.reserved.exclusive?.[domain] ?? 0;
    // Weights that two roles of one file share are one part of memory.
    for (const part of model.reserved.shared ?? []) {
      const size = part[domain] ?? 0;
      const name = `${model.file}/${size}`;
      if (size > 0 && !counted.has(name)) { counted.add(name); reserved += size; }
    }
    if (reserved <= 0) continue;
    let held = model.measured?.exclusive?.[domain] ?? 0;
    if (domain === "host") held += model.measured?.file_backed ?? 0;
    parts.push({ model, reserved, held: Math.min(held, reserved) });
  }
  return parts.sort((a, b) => (b.model.age_seconds ?? -1) - (a.model.age_seconds ?? -1));
}

class MemoryView {
  #domains = new Map();

  constructor(container) { this.container = container; }

  render(status) {
    const { budget, limit, reserved } = status.memory;
    const names = Object.keys(budget);
    for (const [name, view] of this.#domains) {
      if (!names.includes(name)) { view.row.remove(); this.#domains.delete(name); }
    }
    for (const name of names) {
      let view = this.#domains.get(name);
      if (!view) {
        view = this.#make(name);
        this.#domains.set(name, view);
        this.container.append(view.row);
      }
      this.#draw(view, status, name, budget[name], limit[name] ?? 0, reserved[name] ?? 0);
    }
  }

  #make(name) {
    const used = element("span", "used"), ofBudget = element("span", "of");
    const free = element("span", "rest");
    const bar = element("div", "bar");
    bar.setAttribute("role", "img");
    const others = element("div", "part others");
    bar.append(others);
    const warning = element("p", "warning");
    warning.hidden = true;
    const title = element("h3", "", name === "host" ? "Host" : name.replace("gpu", "GPU "));
    const row = element(
      "article", "domain", element("div", "line", title, used, ofBudget, free), bar, warning);
    return { row, used, ofBudget, free, bar, others, warning, segments: new Map() };
  }

  #draw(view, status, domain, budget, limit, reserved) {
    const taken = Math.max(0, budget - Math.max(limit, 0));
    const free = Math.max(0, Math.min(limit, budget) - reserved);
    const over = reserved - limit;
    write(view.used, bytes(reserved));
    write(view.ofBudget, `of ${bytes(budget)}`);
    write(view.free, `${bytes(free)} free`);
    const width = Math.max(budget, reserved, 1);
    const parts = shares(status, domain);
    const seen = new Set();
    let before = view.others;
    for (const part of parts.toReversed()) {
      const name = identity(part.model);
      seen.add(name);
      let segment = view.segments.get(name);
      if (!segment) {
        segment = element("div", `part model ${colour(part.model)}`, element("div", "held"));
        view.segments.set(name, segment);
      }
      if (segment.nextSibling !== before || !segment.isConnected) view.bar.insertBefore(segment, before);
      before = segment;
      segment.classList.toggle("loading", part.model.state === "loading");
      segment.classList.toggle("leaving", ["draining", "unloading"].includes(part.model.state));
      segment.style.flexBasis = `${(part.reserved / width) * 100}%`;
      segment.firstChild.style.width = `${(part.held / part.reserved) * 100}%`;
      segment.title = `${calledBy(part.model)}: holds ${bytes(part.held)} of ${bytes(part.reserved)} reserved`;
    }
    for (const [name, segment] of view.segments) {
      if (!seen.has(name)) { segment.remove(); view.segments.delete(name); }
    }
    const shown = Math.min(taken, Math.max(0, width - reserved));
    view.others.style.flexBasis = `${(shown / width) * 100}%`;
    view.others.title = `Other programs take ${bytes(taken)} of the budget`;
    view.row.classList.toggle("over", over > 0);
    show(view.warning, over > 0);
    if (over > 0) {
      write(view.warning, `Models hold ${bytes(over)} more than the machine can spare now. `
        + "Idle models make room first; answers under way are never cut off.");
    }
    const told = parts.map((part) => `${calledBy(part.model)} ${bytes(part.reserved)}`);
    view.bar.setAttribute("aria-label",
      `${domain}: ${bytes(reserved)} of ${bytes(budget)} reserved, ${bytes(taken)} taken by other `
      + `programs, ${bytes(free)} free. ${told.join(", ")}`);
  }
}
