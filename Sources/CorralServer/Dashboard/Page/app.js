// The page: puts the views together and keeps them up to date.

const memory = new MemoryView(find("domains"));
const models = new ModelsView(find("models"), act);
const timeline = new TimelineView(find("timeline"), find("lanes"));
let current = null;

/** Loads, unloads or pins a model; what goes wrong is said. */
async function act(what, model) {
  const body = { model: model.model, role: model.role };
  if (what === "pin") body.pinned = !model.pinned;
  try {
    await ask(`/corral/v1/${what}`, { body });
    if (what === "pin") announce(`${calledBy(model)} ${body.pinned ? "pinned" : "unpinned"}`);
  } catch (error) {
    if (error.status === 401) return wantKey(error.message);
    toast(error.status ? error.message : "The server does not answer.");
  }
}

let toastTimer = 0;
function toast(text) {
  const target = find("toast");
  target.hidden = false;
  write(target, text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { target.hidden = true; }, 12_000);
}
find("toast").addEventListener("click", () => { find("toast").hidden = true; });

// What is served, besides what is in memory.

async function refreshListed() {
  try {
    const list = await (await ask("/v1/models")).json();
    models.setListed(list.data ?? []);
    if (current) models.render(current);
  } catch { /* The feed says what is wrong with the connection. */ }
}
setInterval(() => { if (!document.hidden && document.body.dataset.connection === "live") refreshListed(); }, 20_000);

// News.

function receive(name, data) {
  if (document.body.dataset.connection !== "live") connection("live", "Live");
  if (name === "history") return timeline.setHistory(data);
  if (name !== "status") return timeline.add(data);
  current = data;
  timeline.render(data);
  memory.render(data);
  models.render(data);
  renderQueue(data);
  renderFigures(data);
  renderPressure(data);
  write(find("since"), `up ${span(data.uptime_seconds)} · evicts by ${data.policy}`);
}

function renderQueue(status) {
  const waiting = status.models.filter((model) => model.waiting > 0)
    .sort((a, b) => b.waiting - a.waiting);
  show(find("no-queue"), status.waiting === 0);
  const list = find("queue");
  while (list.children.length > waiting.length) list.lastChild.remove();
  waiting.forEach((model, index) => {
    const item = list.children[index]
      ?? list.appendChild(element("li", "", element("i", "chip"), element("strong"), element("span", "detail")));
    item.className = colour(model);
    write(item.children[1], calledBy(model));
    write(item.children[2], model.waiting === 1 ? "one request" : `${whole.format(model.waiting)} requests`);
  });
  const batch = status.waiting_batch ?? 0, wait = status.predicted_wait_seconds ?? 0;
  write(find("queue-detail"), status.waiting === 0 ? "" : [
    batch > 0 ? `${whole.format(batch)} of them batch` : "", wait > 0 ? `about ${span(wait)} to go` : "",
  ].filter(Boolean).join(", "));
}

/** Says when the models that are asked for do not fit together. */
function renderPressure(status) {
  const pressure = status.pressure;
  show(find("pressure"), pressure?.oversubscribed === true);
  if (!pressure?.oversubscribed) return;
  write(find("pressure"), `${Math.round(pressure.reloading_share * 100)} % of the time goes into bringing back `
    + "what was just evicted: the models that are asked for do not fit together. "
    + "Give more memory, or smaller contexts or quantizations.");
}

/** The few totals worth a large digit. */
function renderFigures(status) {
  const { totals } = status;
  const share = totals.leases_granted > 0 ? `${Math.floor((100 * totals.hits) / totals.leases_granted)} %` : "–";
  const leases = status.models.reduce((sum, model) => sum + model.leases, 0);
  const figures = [
    ["answers under way", whole.format(leases)],
    ["waiting", whole.format(status.waiting)],
    ["found in memory", share],
    ["loads", whole.format(totals.loads)],
    ["evictions", whole.format(totals.evictions)],
    ["spent loading", span(totals.load_seconds)],
  ];
  const list = find("figures");
  figures.forEach(([name, value], index) => {
    const figure = list.children[index]
      ?? list.appendChild(element("div", "", element("dt", "", name), element("dd")));
    write(figure.children[1], value);
  });
}

// The connection.

function connection(state, words) {
  document.body.dataset.connection = state;
  write(find("link"), words);
  show(find("trouble"), false);
  if (state === "live") refreshListed();
}

let countdown = 0;
function tell(state, message, pause) {
  clearInterval(countdown);
  if (state === "key") return wantKey(message);
  connection("lost", "Reconnecting");
  const again = Date.now() + pause * 1000;
  const say = () => {
    if (document.body.dataset.connection !== "lost") return clearInterval(countdown);
    const left = Math.ceil((again - Date.now()) / 1000);
    write(find("link"), left > 0 ? `Reconnecting in ${left} s` : "Reconnecting");
  };
  show(find("trouble"), true);
  write(find("trouble"), message
    || "The server does not answer. What you see is how things were; this page tries again by itself.");
  say();
  countdown = setInterval(say, 500);
}

const feed = new Feed(receive, tell);

// The key.

function wantKey(message) {
  connection("locked", "Locked");
  const isWrong = key.value !== "";
  key.value = "";
  write(find("key-title"), isWrong ? "That key was not accepted" : "This server wants a key");
  if (isWrong) write(find("key-reason"), message);
  find("key").value = "";
  if (!find("key-dialog").open) find("key-dialog").showModal();
}
find("key-form").addEventListener("submit", () => {
  key.value = find("key").value.trim();
  connection("connecting", "Connecting");
  feed.open();
});
find("key-dialog").addEventListener("cancel", (event) => event.preventDefault());
find("forget").addEventListener("click", () => { key.value = ""; feed.open(); });
show(find("forget"), key.value !== "");

// Light and dark.

const themes = { auto: ["◐ Auto", "as the system has them"], light: ["○ Light", "light"], dark: ["● Dark", "dark"] };
function setTheme(theme) {
  const [label, words] = themes[theme];
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  write(find("theme"), label);
  find("theme").setAttribute("aria-label", `Colours: ${words}`);
  localStorage.setItem("corral-theme", theme);
}
find("theme").addEventListener("click", () => {
  const names = Object.keys(themes);
  const now = document.documentElement.dataset.theme ?? "auto";
  setTheme(names[(names.indexOf(now) + 1) % names.length]);
});
setTheme(Object.hasOwn(themes, localStorage.getItem("corral-theme") ?? "") ? localStorage.getItem("corral-theme") : "auto");

feed.open();
