// Keeps what is typed about a ticket: on the server every two seconds at most, and on this page
// until the server has it. Changes the form only when another ticket is in hand.
"use strict";

window.Notes = (() => {
  const PAUSE_MS = 1200;
  const AT_LEAST_EVERY_MS = 2000;
  const AGAIN_MS = 2000;

  const part = (id) => document.getElementById(id);
  const form = () => document.querySelector("form[data-draft]");
  const NAMES = ["topic", "resolution", "text", "due", "to"];
  const store = (number) => `desk-draft-${number}`;
  let pending = null;
  let since = 0;
  let busy = false;
  let loading = "";
  let finished = "";
  let asking = null;
  let isLeaving = false;

  function typed(of) {
    return Object.fromEntries(NAMES.map((name) => [name, field(of, name)?.value ?? ""]));
  }

  // On a ticket's page some fields have other names.
  function field(of, name) {
    return of.elements[of.dataset[name] || name];
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
    if (!of || !of.dataset.dirty || isLeaving) return;
    if (busy) return void (pending = setTimeout(keep, 200));
    busy = true;
    since = 0;
    const values = typed(of);
    const body = new URLSearchParams({ ...values, version: of.elements.version.value, saved: of.dataset.saved, ticket: of.dataset.ticket, taken: of.dataset.taken || "" });
    try {
      const csrf = of.elements.csrf_token.value;
      asking = new AbortController();
      const signal = AbortSignal.any([asking.signal, AbortSignal.timeout(4000)]);
      const options = { method: "POST", body, headers: { "X-CSRFToken": csrf }, keepalive: true, signal };
      const answer = await fetch(of.dataset.draft, options);
      if (answer.status === 409) other(of, values, await answer.json());
      else if (answer.ok) kept(of, values, await answer.json());
      else throw new Error(answer.status);
    } catch (error) {
      if (isLeaving) return;
      part("kept").textContent = part("kept").dataset.lost;
      clearTimeout(pending);
      pending = setTimeout(keep, AGAIN_MS);
    } finally {
      busy = false;
    }
  }

  function kept(of, values, told) {
    of.dataset.saved = told.saved;
    delete of.dataset.taken;
    if (JSON.stringify(values) !== JSON.stringify(typed(of))) return;
    delete of.dataset.dirty;
    sessionStorage.removeItem(store(of.dataset.ticket));
    if (of === form()) part("kept").textContent = part("kept").dataset.kept.replace("{clock}", told.clock);
  }

  // Two tabs of one person: neither text goes over the other. The server keeps both until somebody
  // has said what becomes of them, this one too as it is typed on.
  function other(of, values, told) {
    if (JSON.stringify(values) === JSON.stringify(typed(of))) delete of.dataset.dirty;
    part("kept").textContent = part("kept").dataset.kept.replace("{clock}", told.clock);
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
    const text = form().elements.text;
    if (take.dataset.take === "both") text.value = `${text.value}\n${box.querySelector(".text").textContent}`;
    form().dataset.saved = box.dataset.saved;
    form().dataset.dirty = "1";
    form().dataset.taken = "1";
    box.hidden = true;
    text.focus();
    keep();
  });

  function narrow(of) {
    const topic = of.elements.topic.value;
    const list = of.elements.resolution;
    if (!part("work-resolutions")) return;
    const chosen = list.value;
    const all = part("work-resolutions");
    const codes = JSON.parse(all.dataset.of)[topic] || [];
    const first = list.options[0];
    first.textContent = topic ? list.dataset.choose : list.dataset.topicFirst;
    list.replaceChildren(first, ...codes.map((code) => all.content.querySelector(`[value="${code}"]`).cloneNode(true)));
    list.value = [...list.options].some((one) => one.value === chosen) ? chosen : "";
    list.dispatchEvent(new Event("refresh"));
  }

  // The page as it is given, with what this tab still holds and the server never got.
  function begin(of) {
    Combobox.within(of);
    narrow(of);
    const held = sessionStorage.getItem(store(of.dataset.ticket));
    if (!held) return;
    const { saved, ...values } = JSON.parse(held);
    if (of.elements.text.value.includes(values.text) && values.topic === of.elements.topic.value && values.resolution === of.elements.resolution.value) return;
    for (const [name, value] of Object.entries(values)) {
      if (!field(of, name)) continue;
      field(of, name).value = value;
      field(of, name).dispatchEvent(new Event("refresh"));
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
    if (told.dataset.again) {
      sessionStorage.removeItem(store(told.dataset.again));
      delete told.dataset.again;
      await load(number, address);
    }
    await putAway(number);
    const has = form() && form().dataset.ticket;
    // Another call, or one that is handed back: its ticket is in hand again.
    if (now === "ringing" || now === "talking" && finished !== number) finished = "";
    if (!number || number === has || number === loading || number === finished) return;
    if (now === "ringing" || now === "nothing" && has) return;
    await keep();
    await load(number, address);
  }

  // A form whose ticket is in hand no more goes, once its words are kept; one that somebody opened
  // by its address stays, and says that it is not of this call.
  async function putAway(number) {
    const of = form();
    if (!of || loading) return;
    const isOther = of.dataset.ticket !== number;
    part("work").classList.toggle("elsewhere", isOther && Boolean(number));
    if (!isOther || new URLSearchParams(location.search).get("ticket") === of.dataset.ticket) return;
    await keep();
    if (of === form() && !of.dataset.dirty) part("work").replaceChildren();
  }

  async function load(number, address) {
    loading = number;
    try {
      const answer = await fetch(address.replace("000000000", number));
      if (!answer.ok) return;
      const text = await answer.text();
      part("work").innerHTML = text;
      part("work").classList.remove("elsewhere");
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
    if (xhr.status === 422 || xhr.status === 409) {
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
  // A decision posted by a page without htmx: what is typed is in it, and no draft comes after it.
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || event.target.hasAttribute("hx-post")) return;
    isLeaving = true;
    clearTimeout(pending);
    asking?.abort();
    sessionStorage.removeItem(store(event.target.dataset.ticket));
  });
  window.addEventListener("pageshow", () => { isLeaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (form()?.dataset.dirty && !isLeaving) event.preventDefault();
  });
  window.addEventListener("pagehide", keep);
  window.addEventListener("online", keep);
  if (form()) begin(form());

  return { follow };
})();
