// What a page gains when script is on: ticking clocks, copying, keys, the bank search, kept drafts, live sums.
// Every page works without it.
"use strict";

const page = document.documentElement;
const fold = (text) => text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
const vnd = (amount) => String(amount).replace(/\B(?=(\d{3})+$)/g, ".") + "\u00a0₫";
const number = (text) => Number((text || "").replace(/\D/g, "")) || 0;

// The server's time, on the server's clock: a simulated one runs `factor` times faster than the wall.
const serverNow = Date.parse(page.dataset.now);
const factor = Number(page.dataset.factor) || 1;
const loadedAt = performance.now();
const now = () => serverNow + (performance.now() - loadedAt) * factor;

const two = (n) => String(n).padStart(2, "0");
// As `lasting` in render.py: more than two days are shown as days and hours.
function lasting(seconds, long) {
  const s = Math.abs(seconds), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  if (s > 48 * 3600) return page.dataset.days.replace("{days}", Math.floor(h / 24)).replace("{hours}", h % 24);
  return long || h ? `${two(h)}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`;
}
const wallClock = new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

const relative = new Intl.RelativeTimeFormat(page.lang, { numeric: "always" });
function ago(seconds) {
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) if (seconds >= size) return relative.format(-Math.floor(seconds / size), unit);
  return relative.format(-Math.floor(seconds), "second");
}

function tick() {
  const at = now();
  for (const el of document.querySelectorAll("[data-deadline]")) {
    const left = Math.ceil((Date.parse(el.dataset.deadline) - at) / 1000);
    const time = lasting(left, "long" in el.dataset);
    const say = left < 0 ? el.dataset.overdue : el.dataset.left;
    el.textContent = say ? say.replace("{time}", time) : time;
    if (el instanceof SVGElement) { el.classList.toggle("w-moving", left < Number(el.dataset.urgent)); continue; }
    el.classList.toggle("t-late", left < 0);
    el.classList.toggle("t-urgent", left >= 0 && left < Number(el.dataset.urgent));
  }
  for (const el of document.querySelectorAll("[data-since]")) {
    el.textContent = lasting(Math.floor((at - Date.parse(el.dataset.since)) / 1000), true);
  }
  for (const el of document.querySelectorAll("[data-ago]")) {
    const seconds = (at - Date.parse(el.dataset.ago)) / 1000;
    if (seconds >= 1) el.textContent = ago(seconds);
  }
  for (const el of document.querySelectorAll("[data-clock]")) el.textContent = wallClock.format(at);
}
tick();
setInterval(tick, Math.max(250, 1000 / factor));

// Copying, also in what arrives later.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  navigator.clipboard.writeText(button.dataset.copy).then(() => {
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });
});

// Sending on: what works only with script is shown only then.
for (const button of document.querySelectorAll(".calls [data-copy]")) button.hidden = !navigator.clipboard;
for (const button of document.querySelectorAll("[data-share]")) {
  button.hidden = !navigator.share;
  button.addEventListener("click", () => navigator.share({ title: button.dataset.shareTitle, url: button.dataset.share }).catch(() => {}));
}

// Hover cards are `details`: a click opens them anyway, the mouse need not.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const card of document.querySelectorAll(".idv[open]")) card.open = false;
});
document.addEventListener("click", (event) => {
  for (const card of document.querySelectorAll(".idv[open]")) if (!card.contains(event.target)) card.open = false;
});

// Light or dark.
for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    page.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", page.dataset.theme); } catch { /* not kept */ }
  });
}

// On a phone the bar is wider than the screen: where one is should be in sight.
const bar = document.querySelector(".topnav"), here = bar?.querySelector("[aria-current]");
if (here) bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;

// The second person's yes takes two keys at once, so that nobody gives it by leaning on one.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) document.querySelector("[data-confirm]")?.click();
});

// Keys of the desk. Never while somebody types.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  const target = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key);
  if (target) { event.preventDefault(); target.matches("input") ? target.focus() : target.click(); return; }
  const rows = [...document.querySelectorAll("[data-queue] tbody tr")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("chosen"));
  if (key === "j" || key === "k") {
    const next = Math.min(rows.length - 1, Math.max(0, at + (key === "j" ? 1 : -1)));
    rows[at]?.classList.remove("chosen");
    rows[next].classList.add("chosen");
    rows[next].scrollIntoView({ block: "nearest" });
    sessionStorage.setItem("row", rows[next].dataset.href);
  } else if (key === "g" && at >= 0) {
    rows[at].querySelector("[data-take]")?.click();
  } else if (key === "enter" && at >= 0 && !event.target.closest("a, button")) {
    location.href = rows[at].dataset.href;
  }
});
document.addEventListener("htmx:afterSwap", () => {
  const kept = sessionStorage.getItem("row");
  const row = kept && document.querySelector(`[data-queue] tr[data-href="${CSS.escape(kept)}"]`);
  if (row) { document.querySelector("[data-queue] tr.chosen")?.classList.remove("chosen"); row.classList.add("chosen"); }
  tick();
});

// Money is grouped while it is typed.
document.addEventListener("input", (event) => {
  const input = event.target;
  // "50 triệu" is read by the server.
  if (!("money" in input.dataset) || /[a-zà-ỹ]/i.test(input.value)) return;
  const amount = number(input.value);
  input.value = amount ? vnd(amount).replace(/\u00a0₫$/, "") : "";
});

// The bank list: type `song h`, find Sông Hồng. Without script the field offers the plain list.
const bankData = document.getElementById("bank-data");
if (bankData) {
  const banks = JSON.parse(bankData.textContent);
  const row = document.getElementById("bank-row");
  for (const box of document.querySelectorAll("[data-bank-search]")) {
    const input = box.querySelector("[data-bank-input]");
    input.removeAttribute("list");
    const list = document.createElement("div");
    list.className = "options bank-list";
    list.hidden = true;
    box.append(list);
    const show = () => {
      const wanted = fold(input.value.trim());
      const found = wanted ? banks.filter((bank) => bank.folded.includes(wanted)).slice(0, 6) : [];
      const exact = found.length === 1 && found[0].name === input.value;
      list.hidden = !found.length || exact;
      list.replaceChildren(...found.map((bank) => {
        const label = row.content.cloneNode(true).firstElementChild;
        label.querySelector(".initials").textContent = bank.initials;
        const from = fold(bank.name).indexOf(wanted);
        const name = label.querySelector("b");
        if (from < 0) name.textContent = bank.name;
        else {
          const hit = document.createElement("mark");
          hit.textContent = bank.name.slice(from, from + wanted.length);
          name.append(bank.name.slice(0, from), hit, bank.name.slice(from + wanted.length));
        }
        label.querySelector("small").textContent = bank.note;
        const radio = label.querySelector("input");
        radio.addEventListener("change", () => { input.value = bank.name; list.hidden = true; input.focus(); input.dispatchEvent(new Event("change", { bubbles: true })); });
        return label;
      }));
    };
    input.addEventListener("input", show);
    input.addEventListener("focus", show);
  }
}

// A picture is shown before it is sent.
for (const input of document.querySelectorAll("[data-preview]")) {
  input.addEventListener("change", () => {
    const image = document.getElementById(input.dataset.preview), file = input.files[0];
    image.hidden = !file;
    if (file) image.src = URL.createObjectURL(file);
  });
}

// The second click of a double click sends nothing: it would break off what the first one opened.
let sent = { by: null, at: -Infinity };
addEventListener("submit", (event) => {
  if (event.submitter && event.submitter === sent.by && event.timeStamp - sent.at < 1000) event.preventDefault(), event.stopImmediatePropagation();
}, true);
addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sent = { by: event.submitter, at: event.timeStamp };
});

// A report not yet sent survives a closed tab and a lost connection on this device; it is forgotten once received.
for (const form of document.querySelectorAll("[data-keep]")) {
  const name = form.dataset.keep, here = `draft:${name}:${form.dataset.step}`, whole = `draft:${name}:sealed`, posted = `posted:${name}`;
  const fields = () => [...form.elements].filter((el) => el.name && !["hidden", "file", "submit", "button"].includes(el.type));
  // A page gone back to is as old as an empty one: what was kept since then counts.
  const gone = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const sealed = form.elements.draft, fresh = "fresh" in form.dataset || gone;
  const keep = () => {
    const kept = {};
    for (const el of fields()) {
      if (el.type === "radio" || el.type === "checkbox") { if (el.checked) kept[el.name] = el.value; } else if (el.value) kept[el.name] = el.value;
    }
    localStorage.setItem(here, JSON.stringify(kept));
    localStorage.setItem(whole, sealed.value);
  };
  const restore = () => {
    const kept = JSON.parse(localStorage.getItem(here) || "{}");
    for (const el of fields()) {
      if (!(el.name in kept)) continue;
      if (el.type === "radio" || el.type === "checkbox") { if (!form.querySelector(`[name="${CSS.escape(el.name)}"]:checked`)) el.checked = kept[el.name] === el.value; }
      else if (!el.value) el.value = kept[el.name];
    }
    for (const sign of document.querySelectorAll("[data-kept]")) sign.hidden = !Object.keys(kept).length;
  };
  try {
    // The number of the draft comes back too: what the server has already received it does not receive twice.
    if (fresh && localStorage.getItem(whole)) sealed.value = localStorage.getItem(whole);
    // What the server answered to this very step counts more than what was kept before.
    if (!fresh && sessionStorage.getItem(posted) === form.dataset.step) keep(); else restore();
    if (!fresh) localStorage.setItem(whole, sealed.value);
    const kept = () => {
      keep();
      for (const sign of document.querySelectorAll("[data-kept]")) sign.hidden = false;
    };
    // A name chosen from a list is written by script: that is a change, and no input.
    for (const typed of ["input", "change"]) form.addEventListener(typed, kept);
    form.addEventListener("submit", (event) => {
      sessionStorage.setItem(posted, form.dataset.step);
      if (event.submitter?.value === "send") sessionStorage.setItem(`sending:${name}`, "1");
    });
  } catch { /* storage is switched off: nothing is kept */ }
  // Without a connection the button waits for one.
  let waiting = null;
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    waiting = event.submitter;
    for (const sign of document.querySelectorAll("[data-offline]")) { sign.hidden = false; sign.scrollIntoView({ block: "center" }); }
  });
  addEventListener("online", () => {
    for (const sign of document.querySelectorAll("[data-offline]")) sign.hidden = true;
    if (waiting) form.requestSubmit(waiting);
    waiting = null;
  });
}
// Sent, and what came back is neither the form again nor a refusal: it was received.
try {
  for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith("sending:"))) {
    const name = key.slice(8);
    if (document.querySelector(`[data-keep="${CSS.escape(name)}"], [data-refused]`)) continue;
    for (const kept of Object.keys(localStorage)) if (kept.startsWith(`draft:${name}:`)) localStorage.removeItem(kept);
    sessionStorage.removeItem(key);
  }
} catch { /* nothing was kept */ }

// The institution's answer adds up while it is filled in: requested = held + parts.
for (const form of document.querySelectorAll("[data-answer]")) {
  const requested = Number(form.dataset.requested);
  const part = (kind) => form.querySelector(`[data-part="${kind}"]`);
  const gap = form.querySelector("[data-gap]"), gapText = gap.querySelector("p");
  const label = form.querySelector("[data-answer-label]");
  const sum = () => {
    const choices = [...form.querySelectorAll("select[data-amount]")];
    for (const input of form.querySelectorAll("[data-part]")) {
      const kind = input.dataset.part;
      if (!input.readOnly || kind === "unexplained" || kind === "held" || kind === "remains") continue;
      const out = choices.filter((c) => c.value === kind).reduce((s, c) => s + Number(c.dataset.amount), 0);
      input.value = vnd(out);
      if (kind !== "moved_on") for (const e of [input.closest(".term"), form.querySelector(`[data-op="${kind}"]`)]) e.hidden = !out;
    }
    for (const choice of choices) choice.toggleAttribute("aria-invalid", false), choice.value || choice.setAttribute("aria-invalid", "true");
    const rests = form.querySelector("[data-there]");
    if (rests) rests.value = vnd(Math.max(0, Number(rests.dataset.there) - number(part("held").value)));
    let known = 0;
    for (const input of form.querySelectorAll("[data-part]")) if (input.dataset.part !== "unexplained") known += number(input.value);
    const rest = requested - known, open = part("unexplained");
    if (open) { open.value = vnd(Math.max(0, rest)); open.closest(".term").classList.toggle("gap", rest > 0); }
    gap.hidden = rest === 0;
    gapText.textContent = (rest > 0 ? gapText.dataset.gapText : gapText.dataset.overText).replace("{amount}", vnd(Math.abs(rest)));
    const held = part("held") ? number(part("held").value) : 0;
    if (label) label.textContent = held ? label.dataset.answerLabel.replace("{amount}", vnd(held)) : label.dataset.answerNone;
  };
  form.addEventListener("change", sum);
  form.addEventListener("input", sum);
}
