// Words and numbers as people read them.

/** Bytes in binary units with three significant digits, as the command line writes them. */
function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = Math.abs(count), unit = 0;
  while (value >= 999.5 && unit < units.length - 1) { value /= 1024; unit += 1; }
  const decimals = unit === 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${count < 0 ? "−" : ""}${value.toFixed(decimals)} ${units[unit]}`;
}

/** A time, coarser the longer it is. */
function span(seconds) {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86400) return pair(Math.floor(whole / 3600), "h", Math.floor(whole / 60) % 60, "min");
  return pair(Math.floor(whole / 86400), "d", Math.floor(whole / 3600) % 24, "h");
}
const pair = (large, unit, small, part) => `${large} ${unit}${small > 0 ? ` ${small} ${part}` : ""}`;

/** An idle time: nothing under five seconds is worth a number that flickers. */
function idleSpan(seconds) {
  return seconds < 5 ? "just now" : seconds < 60 ? `${Math.floor(seconds / 5) * 5} s` : span(seconds);
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const count = (number, one, many = `${one}s`) => `${whole.format(number)} ${number === 1 ? one : many}`;

/** The sum over all domains. */
const total = (domains) => Object.values(domains ?? {}).reduce((sum, value) => sum + value, 0);

/** What makes a model one: its name, role and profile. */
const identity = (model) => [model.model, model.role, model.profile ?? ""].join("\u0000");

/** A model's name, with its role where the name has several. */
const calledBy = (model) => model.profile ? `${model.model} (${model.profile})` : model.model;

// Elements.

const find = (id) => document.getElementById(id);

/** An element with a class and children; text is always text, never markup. */
function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Changes a text only where it differs, so that nothing flickers and selections stay. */
function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function show(target, isShown) {
  if (target.hidden === isShown) target.hidden = !isShown;
}

/** Says something to those who hear the page. */
function announce(sentence) {
  find("announcer").textContent = sentence;
}
