// Keys of a page: single letters outside fields, never with Alt or Ctrl. What has a key says so
// with data-key: a button is pressed (or only reached, with data-reach), a box is ticked, a field is
// entered, a menu is opened, a list is entered at its first button. data-rows is what j and k walk through.
"use strict";

(() => {
  const page = document.querySelector("[data-shortcuts]");
  const help = document.getElementById("keys");

  function key(event) {
    if (page.dataset.shortcuts !== "1" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea, dialog[open]")) return;
    if (event.key === "j" || event.key === "k") return void walk(event, event.key === "j" ? 1 : -1);
    const found = [...page.querySelectorAll("[data-key]")].find((node) => node.dataset.key === event.key && seen(node));
    if (!found) return;
    event.preventDefault();
    if (found.tagName === "SUMMARY") open(found);
    else if (found.tagName === "BUTTON" && !("reach" in found.dataset)) found.click();
    else if (found.type === "checkbox") { found.focus(); found.click(); }
    else (found.matches("ul, ol") ? found.querySelector("button") : found).focus();
  }

  // A list without a button has nothing to enter.
  function seen(node) {
    return node.offsetParent && (!node.matches("ul, ol") || node.querySelector("button"));
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

  document.addEventListener("keydown", key);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.activeElement.closest("details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    } else if (event.key === "Enter" && event.ctrlKey) {
      const part = event.target.closest("[data-ctrl-enter]");
      if (part) { event.preventDefault(); document.getElementById(part.dataset.ctrlEnter).click(); }
    }
  });
  document.getElementById("keys-open").addEventListener("click", () => help.showModal());
})();
