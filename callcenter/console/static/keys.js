// Keys of a page: single letters outside fields, never with Alt or Ctrl. What has a key says so
// with data-key: a button is pressed (or only reached, with data-reach), a box is ticked, a field is
// entered, a menu is opened, a list is entered at its first button. data-rows is what j and k walk through.
// A button with data-twice cannot be undone: its key asks, and the same key again presses it.
"use strict";

(() => {
  const AGAIN_MS = 3000;
  // Letters that follow each other faster are words that somebody types, not keys.
  const TYPING_MS = 300;
  const FIELDS = "input:not([type=checkbox], [type=radio]), select, textarea";

  const page = document.querySelector("[data-shortcuts]");
  const help = document.getElementById("keys");
  const asks = document.getElementById("key-asks");
  const typed = { key: "", at: -Infinity, isWord: false };
  let waiting = null;
  let pending = "";
  let asked = null;

  function key(event) {
    if (page.dataset.shortcuts !== "1" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest(`${FIELDS}, dialog[open]`)) return void begins();
    if (isWord(event)) {
      forget();
      if (event.key === " " || event.key === "Enter") event.preventDefault();
      return;
    }
    if (event.key === "j" || event.key === "k") return void walk(event, event.key === "j" ? 1 : -1);
    const found = [...page.querySelectorAll("[data-key]")].find((node) => node.dataset.key === event.key && (seen(node) || folded(node)));
    if (asked && asked.key !== event.key) forget();
    if (!found) return;
    event.preventDefault();
    if (folded(found)) folded(found).open = true;
    if (found.matches(FIELDS)) found.focus();
    else if ("twice" in found.dataset && !isAsked(found)) ask(found);
    else if (/^\p{L}$/u.test(event.key)) later(found);
    else act(found);
  }

  // Whether this is a letter in the middle of a word. One key pressed twice is none, nor are j and k.
  function isWord(event) {
    const isSoon = event.timeStamp - typed.at < TYPING_MS;
    const isLetter = /^\p{L}$/u.test(event.key);
    if (!isLetter) return isSoon && typed.isWord;
    const walks = "jk".includes(event.key) && "jk".includes(typed.key);
    typed.isWord = isSoon && (typed.isWord || typed.key !== event.key && !walks);
    typed.key = event.key;
    typed.at = event.timeStamp;
    return typed.isWord;
  }

  // What is typed in a field is no part of a word outside.
  function begins() {
    typed.at = -Infinity;
    typed.isWord = false;
    forget();
  }

  // A press waits for the letter that would make it a word; what it presses is looked at again then.
  // The same key again shows that the press before was meant.
  function later(found) {
    const what = identity(found);
    const isAgain = pending === what;
    clearTimeout(waiting);
    if (isAgain) act(found);
    pending = what;
    waiting = setTimeout(() => {
      const now = [...page.querySelectorAll("[data-key]")].find((node) => identity(node) === what && seen(node));
      forget();
      if (now) act(now);
    }, TYPING_MS);
  }

  function act(found) {
    if (found.tagName === "SUMMARY") open(found);
    else if (found.tagName === "BUTTON" && !("reach" in found.dataset)) found.click();
    else if (found.type === "checkbox") { found.focus(); found.click(); }
    else (found.matches("ul, ol") ? found.querySelector("button") : found).focus();
  }

  // The same button, of the same call and ticket.
  function identity(node) {
    const of = node.closest("[data-leg], [data-ticket]")?.dataset ?? {};
    return [node.dataset.key, node.id, node.tagName === "BUTTON" && name(node), of.leg, of.ticket].join("\n");
  }

  function name(node) {
    const bare = node.cloneNode(true);
    bare.querySelectorAll("kbd").forEach((cap) => cap.remove());
    return bare.textContent.trim();
  }

  function isAsked(found) {
    return asked !== null && asked.what === identity(found);
  }

  function ask(found) {
    forget();
    const over = setTimeout(forget, AGAIN_MS);
    asked = { key: found.dataset.key, what: identity(found), over };
    asks.textContent = asks.dataset.again.replace("{key}", found.dataset.key).replace("{what}", name(found));
  }

  function forget() {
    clearTimeout(waiting);
    pending = "";
    if (!asked) return;
    clearTimeout(asked.over);
    asked = null;
    asks.textContent = "";
  }

  // A list without a button has nothing to enter.
  function seen(node) {
    return node.offsetParent && (!node.matches("ul, ol") || node.querySelector("button"));
  }

  // The folded part of a form that the node is in: its keys unfold it.
  function folded(node) {
    return node.closest("details.decision:not([open])");
  }

  function open(summary) {
    const details = summary.parentElement;
    details.open = !details.open;
    const first = details.open && details.querySelector("button, input:not([type=hidden]), select");
    (first || summary).focus();
  }

  function walk(event, step) {
    const sheet = document.activeElement.closest(".sheet");
    const rows = [...(sheet ? sheet.querySelectorAll("button") : page.querySelectorAll(page.dataset.rows))].filter((node) => node.offsetParent);
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    if (next) { event.preventDefault(); next.focus(); }
  }

  // Esc shuts a menu, and leaves a field with all that is typed in it.
  function leave(target) {
    begins();
    const menu = document.activeElement.closest("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    else if (target.matches(FIELDS) && !target.closest("dialog[open]")) target.blur();
  }

  document.addEventListener("keydown", (event) => {
    key(event);
    if (event.key === "Escape") leave(event.target);
    else if (event.key === "Enter" && event.ctrlKey) {
      const part = event.target.closest("[data-ctrl-enter]");
      if (part) { event.preventDefault(); document.getElementById(part.dataset.ctrlEnter).click(); }
    }
  });
  // Some browsers press a button when the space is let go.
  document.addEventListener("keyup", (event) => {
    const isOfWord = typed.isWord && event.timeStamp - typed.at < 2 * TYPING_MS;
    if (event.key === " " && isOfWord && event.target.matches("button, summary")) event.preventDefault();
  });
  document.addEventListener("pointerdown", forget);
  document.getElementById("keys-open").addEventListener("click", () => help.showModal());
})();
