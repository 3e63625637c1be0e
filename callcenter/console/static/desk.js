// Keeps the desk live: asks for what changed, counts times on, says what must be heard.
"use strict";

(() => {
  const TIMEOUT_MS = 2500;
  const HIDDEN_AND_AWAY_S = 60;
  const MISSES = 3;
  const WARNING_S = 20;

  const desk = document.getElementById("desk");
  const words = desk.dataset;
  const part = (id) => document.getElementById(id);
  const phone = window.Softphone.open(words);
  let version = words.version;
  let skew = 0;
  let seenAt = Date.now();
  let misses = 0;
  let asking = false;
  let askedAt = Date.now();
  let warned = "";
  let ringing = "";

  // What a person has opened stays open, whatever the server draws.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
    !(name === "open" && node.tagName === "DETAILS") && !(node.id === "captions");

  // Asking

  function ask() {
    const away = part("me").dataset.state === "away";
    if (asking || (document.hidden && away && Date.now() - askedAt < HIDDEN_AND_AWAY_S * 1000)) return;
    asking = true;
    askedAt = Date.now();
    const here = new URLSearchParams(location.search).get("ticket");
    const values = { v: version, ...(here ? { ticket: here } : {}) };
    htmx.ajax("GET", words.live, { source: desk, target: desk, swap: "none", values })
      .catch(() => {}).finally(() => { asking = false; });
  }

  document.body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = words.csrf;
    event.detail.timeout = TIMEOUT_MS;
  });

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    const isForm = xhr.responseURL.includes("/desk/work/");
    if (!isForm && !xhr.getResponseHeader("Desk-Version")) {
      event.detail.shouldSwap = false;
      if (xhr.status === 503) tellAway(xhr.responseText);
      if (xhr.status < 500) fresh(words.signedOut, true);
    }
  });

  document.body.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = event.detail;
    const told = xhr && xhr.getResponseHeader("Desk-Version");
    if (told) {
      version = told;
      skew = Number(xhr.getResponseHeader("Desk-Now")) - Date.now();
      seenAt = Date.now();
      misses = 0;
      changed();
    } else if (!xhr || !xhr.status || xhr.status >= 500) misses += 1;
    age();
  });

  // What is away is told also by a server that cannot draw the desk; the next answer draws all of it.
  function tellAway(page) {
    const told = new DOMParser().parseFromString(page, "text/html").getElementById("away");
    if (told && told.innerHTML !== part("away").innerHTML) part("away").replaceChildren(...told.childNodes);
    version = "";
  }

  function age() {
    const seconds = Math.round((Date.now() - seenAt) / 1000);
    const stale = misses >= MISSES || seconds > 8 && !document.hidden;
    desk.classList.toggle("stale", stale);
    if (stale) fresh(words.stale.replace("{seconds}", seconds), true);
    else if (!part("fresh").classList.contains("bad") || misses === 0) fresh(words.fresh, false);
  }

  function fresh(text, isBad) {
    part("fresh").classList.toggle("bad", isBad);
    // A screen reader hears that the data are old once, not every second.
    part("fresh").setAttribute("role", isBad && part("fresh").textContent !== words.fresh ? "none" : "status");
    write(part("fresh"), text);
  }

  function write(node, text) {
    if (node && node.textContent !== text) node.textContent = text;
  }

  // What changed

  function changed() {
    tick();
    const call = part("call").dataset;
    rings(call);
    if (part("steps") && desk.dataset.ticket !== call.ticket) part("steps").scrollTop = part("steps").scrollHeight;
    desk.dataset.ticket = call.ticket;
    window.Notes.follow(call.ticket, call.part, words.work);
    if (desk.dataset.part === "wrapping_up" && call.part !== "wrapping_up") wrapped();
    desk.dataset.part = call.part;
    if (call.meanwhile && call.meanwhile !== desk.dataset.meanwhile) write(part("announced"), part("meanwhile").textContent);
    desk.dataset.meanwhile = call.meanwhile;
    const summary = part("summary").dataset;
    if (summary.says !== desk.dataset.said) {
      if (desk.dataset.said !== undefined) write(part("announced"), summary.says);
      desk.dataset.said = summary.says;
    }
  }

  // The warning goes with the time that it warned of.
  function wrapped() {
    if (part("told").textContent === words.warns) write(part("told"), words.over);
    if (part("announced").textContent === words.warns) write(part("announced"), words.over);
  }

  function rings(call) {
    const now = call.part === "ringing" ? call.leg : "";
    if (now === ringing) return;
    ringing = now;
    if (now) {
      write(part("announced"), `${words.rings}: ${part("call-name").textContent}`);
      phone.rings();
      window.Alerts.rings(part("call-name").textContent);
    } else {
      phone.hushes();
      window.Alerts.hushes();
    }
  }

  // Times

  function tick() {
    const now = Date.now() + skew;
    if (desk.classList.contains("stale")) return;
    for (const time of desk.querySelectorAll("time[data-since]")) {
      write(time, clock((now - Date.parse(time.dateTime)) / 1000));
    }
    const wrap = part("wrap");
    if (!wrap || !wrap.dataset.until) return;
    const left = (Date.parse(wrap.dataset.until) - now) / 1000;
    write(wrap.querySelector(".left"), clock(left));
    wrap.classList.toggle("soon", left <= WARNING_S);
    if (left <= WARNING_S && left > 0 && warned !== wrap.dataset.until) {
      warned = wrap.dataset.until;
      write(part("announced"), words.warns);
      write(part("told"), words.warns);
    }
  }

  function clock(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    const two = (n) => String(n).padStart(2, "0");
    return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  }

  document.body.addEventListener("click", (event) => {
    if (event.target.closest("#answer")) phone.answers();
    const sheet = event.target.closest(".sheet button");
    if (sheet) setTimeout(() => { sheet.closest("details").open = false; }, 0);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });

  const pulse = new Worker(words.pulse);
  pulse.onmessage = () => { ask(); tick(); age(); window.Alerts.flash(); };
  changed();
})();
