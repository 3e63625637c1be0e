// Keeps what is typed about a ticket: on the server every two seconds at most, and on this page
// until the server has it. Changes the form only when another ticket is in hand.
"use strict";

window.Notes = (() => {
  const PAUSE_MS = 1200;
  const AT_LEAST_EVERY_MS = 2000;
  const AGAIN_MS = 2000;

  const part = (id) => document.getElementById(id);
  const form = () => part("work-form");
  const store = (number) => `desk-draft-${number}`;
  let pending = null;
  let since = 0;
  let busy = false;
  let loading = "";
  let finished = "";

  function typed(of) {
    return Object.fromEntries(["topic", "resolution", "text", "due", "to"].map((name) => [name, of.elements[name].value]));
  }

  function changed(event) {
    const of = form();
    if (!of || !of.contains(event.target) || !event.target.name) return;
    if (event.target.name === "topic") narrow(of);
    sessionStorage.setItem(store(of.dataset.ticket), JSON.stringify({ ...typed(of), saved: of.dataset.saved }));
    of.dataset.dirty = "1";
    part("kept").textContent = part("kept").dataset.typing;
    since ||= Date.now();
    clearTimeout(pending);
    pending = setTimeout(keep, Math.max(0, Math.min(PAUSE_MS, since + AT_LEAST_EVERY_MS - Date.now())));
  }

  async function keep() {
    const of = form();
    if (!of || !of.dataset.dirty || !part("other-tab").hidden) return;
    if (busy) return void (pending = setTimeout(keep, 200));
    busy = true;
    since = 0;
    const values = typed(of);
    const body = new URLSearchParams({ ...values, version: part("work-version").value, saved: of.dataset.saved });
    try {
      const csrf = part("desk").dataset.csrf;
      const options = { method: "POST", body, headers: { "X-CSRFToken": csrf }, keepalive: true, signal: AbortSignal.timeout(4000) };
      const answer = await fetch(of.dataset.draft, options);
      if (answer.status === 409) other(of, await answer.json());
      else if (answer.ok) kept(of, values, await answer.json());
      else throw new Error(answer.status);
    } catch (error) {
      part("kept").textContent = part("kept").dataset.lost;
      clearTimeout(pending);
      pending = setTimeout(keep, AGAIN_MS);
    } finally {
      busy = false;
    }
  }

  function kept(of, values, told) {
    of.dataset.saved = told.saved;
    if (JSON.stringify(values) !== JSON.stringify(typed(of))) return;
    delete of.dataset.dirty;
    sessionStorage.removeItem(store(of.dataset.ticket));
    if (of === form()) part("kept").textContent = part("kept").dataset.kept.replace("{clock}", told.clock);
  }

  // Two tabs of one person: neither text goes over the other.
  function other(of, told) {
    const box = part("other-tab");
    box.hidden = false;
    box.querySelector(".lead").textContent = told.sentence;
    box.querySelector(".text").textContent = told.text;
    box.dataset.saved = told.saved;
  }

  document.addEventListener("click", (event) => {
    const take = event.target.closest("[data-take]");
    if (!take) return;
    const box = part("other-tab");
    const text = part("work-text");
    if (take.dataset.take === "both") text.value = `${text.value}\n${box.querySelector(".text").textContent}`;
    form().dataset.saved = box.dataset.saved;
    form().dataset.dirty = "1";
    box.hidden = true;
    text.focus();
    keep();
  });

  function narrow(of) {
    const topic = of.elements.topic.value;
    const list = of.elements.resolution;
    const chosen = list.value;
    const all = part("work-resolutions");
    const codes = JSON.parse(all.dataset.of)[topic] || [];
    const first = list.options[0];
    first.textContent = topic ? list.dataset.choose : list.dataset.topicFirst;
    list.replaceChildren(first, ...codes.map((code) => all.content.querySelector(`[value="${code}"]`).cloneNode(true)));
    list.value = [...list.options].some((one) => one.value === chosen) ? chosen : "";
  }

  // The page as it is given, with what this tab still holds and the server never got.
  function begin(of) {
    narrow(of);
    const held = sessionStorage.getItem(store(of.dataset.ticket));
    if (!held) return;
    const { saved, ...values } = JSON.parse(held);
    if (of.elements.text.value.includes(values.text) && values.topic === of.elements.topic.value && values.resolution === of.elements.resolution.value) return;
    for (const [name, value] of Object.entries(values)) {
      of.elements[name].value = value;
      if (name === "topic") narrow(of);
    }
    // It was typed upon what was saved then: what another tab has saved since is asked about.
    of.dataset.saved = saved ?? of.dataset.saved;
    of.dataset.dirty = "1";
    keep();
  }

  // The form follows the ticket in hand; a telephone that rings takes no form away.
  async function follow(number, now, address) {
    const of = form();
    const told = part("told");
    if (told.dataset.saved) {
      finished = told.dataset.saved;
      sessionStorage.removeItem(store(finished));
      delete told.dataset.saved;
      if (of && of.dataset.ticket === finished) part("work").replaceChildren();
      const here = new URL(location);
      if (here.searchParams.get("ticket") === finished) history.replaceState(null, "", here.pathname);
    }
    const has = form() && form().dataset.ticket;
    // Another call, or one that is handed back: its ticket is in hand again.
    if (now === "ringing" || now === "talking" && finished !== number) finished = "";
    if (!number || number === has || number === loading || number === finished) return;
    if (now === "ringing" || now === "nothing" && has) return;
    loading = number;
    await keep();
    try {
      const answer = await fetch(address.replace("000000000", number));
      if (!answer.ok) return;
      const text = await answer.text();
      part("work").innerHTML = text;
      htmx.process(part("work"));
      begin(form());
    } catch (error) {
      // The next change asks again.
    } finally {
      loading = "";
    }
  }

  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  let sent = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt?.id === "act-note") sent = part("work-text").value;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, elt } = event.detail;
    if (!elt || !elt.closest("#work-form")) return;
    if (xhr.status === 422) {
      const first = document.querySelector("#work-faults a");
      const field = first && document.querySelector(first.getAttribute("href"));
      if (field) field.focus();
    } else if (xhr.status === 200 && elt.id === "act-note" && form()) {
      // What was typed while the note was on its way stands there still.
      const typed = part("work-text").value;
      const rest = typed.startsWith(sent) ? typed.slice(sent.length).trimStart() : typed;
      part("work-text").value = rest;
      form().dataset.saved = "";
      sessionStorage.removeItem(store(form().dataset.ticket));
      if (rest) part("work-text").dispatchEvent(new Event("input", { bubbles: true }));
      else delete form().dataset.dirty;
    } else if (!xhr.status || xhr.status >= 500) part("kept").textContent = part("kept").dataset.lost;
  });
  window.addEventListener("pagehide", keep);
  window.addEventListener("online", keep);
  if (form()) begin(form());

  return { follow };
})();
