// A list that is searched by typing: an editable combobox with a listbox, by the pattern of the ARIA
// Authoring Practices. The native list stays, unseen: it is what is posted, and all there is
// without scripts. Nothing is chosen but by Enter, Tab or a click on a row.
"use strict";

window.Combobox = (() => {
  const plain = (text) => text.toLocaleLowerCase().replaceAll("ł", "l").normalize("NFD").replace(/\p{M}/gu, "");

  // A row of a group names the group too: two topics may have a resolution of the same name.
  function told(option) {
    const group = option.parentElement.label;
    return group ? `${option.textContent} · ${group}` : option.textContent;
  }

  function of(select) {
    const field = document.createElement("input");
    const list = document.createElement("ul");
    const box = document.createElement("div");
    let rows = [];
    let at = -1;

    field.id = `${select.id}-search`;
    list.id = `${select.id}-list`;
    box.className = "combobox";
    Object.assign(field, { type: "text", autocomplete: "off", spellcheck: false });
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) field.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) field.setAttribute(name, select.getAttribute(name));
    list.setAttribute("role", "listbox");
    list.hidden = true;
    const label = document.querySelector(`label[for="${select.id}"]`);
    label.htmlFor = field.id;
    label.id ||= `${select.id}-name`;
    list.setAttribute("aria-labelledby", label.id);
    if (select.dataset.key) { field.dataset.key = select.dataset.key; delete select.dataset.key; }
    select.before(box);
    box.append(field, list, select);
    select.classList.add("unseen");
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");

    function show() {
      const chosen = select.selectedOptions[0];
      field.value = chosen && chosen.value ? chosen.textContent : "";
      field.placeholder = select.options[0]?.value ? "" : select.options[0]?.textContent ?? "";
    }

    function open(words = "") {
      const wanted = plain(words).split(/\s+/);
      const found = [...select.options].filter((one) => one.value && wanted.every((word) => plain(told(one)).includes(word)));
      rows = found.map((option, index) => {
        const row = document.createElement("li");
        row.id = `${list.id}-${index}`;
        row.setAttribute("role", "option");
        row.dataset.index = option.index;
        row.textContent = told(option);
        return row;
      });
      list.replaceChildren(...rows);
      list.hidden = !rows.length;
      field.setAttribute("aria-expanded", String(!list.hidden));
      const chosen = rows.findIndex((row) => Number(row.dataset.index) === select.selectedIndex);
      mark(words ? Math.min(0, rows.length - 1) : chosen);
    }

    function mark(index) {
      at = index;
      rows.forEach((row, here) => row.setAttribute("aria-selected", String(here === at)));
      if (at < 0) return void field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-activedescendant", rows[at].id);
      rows[at].scrollIntoView({ block: "nearest" });
    }

    function close() {
      list.hidden = true;
      at = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }

    function choose(row) {
      close();
      if (row && Number(row.dataset.index) !== select.selectedIndex) {
        select.selectedIndex = Number(row.dataset.index);
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
      show();
    }

    function move(step) {
      if (!list.hidden) return mark((at + step + rows.length) % rows.length);
      open();
      if (rows.length && at < 0) mark(step > 0 ? 0 : rows.length - 1);
    }

    field.addEventListener("input", (event) => { event.stopPropagation(); open(field.value); });
    field.addEventListener("change", (event) => event.stopPropagation());
    field.addEventListener("keydown", (event) => {
      if (event.altKey && event.key !== "ArrowDown") return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
      else if (event.key === "Enter") { event.preventDefault(); if (!list.hidden && at >= 0) choose(rows[at]); }
      else if (event.key === "Tab" && !list.hidden && at >= 0) choose(rows[at]);
    });
    field.addEventListener("focus", () => field.select());
    field.addEventListener("click", () => (list.hidden ? open() : close()));
    // A row is pressed while the field keeps the focus.
    list.addEventListener("mousedown", (event) => { event.preventDefault(); choose(event.target.closest("li")); });
    field.addEventListener("blur", () => { close(); show(); });
    select.addEventListener("focus", () => field.focus());
    for (const news of ["change", "refresh"]) select.addEventListener(news, show);
    show();
  }

  function within(root) {
    root.querySelectorAll("select[data-searched]:not(.unseen)").forEach(of);
  }

  within(document);
  return { within };
})();
