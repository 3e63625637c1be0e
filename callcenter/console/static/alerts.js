// Tells of a call that rings to who does not look: the title flashes, a hidden page sends a notice of
// the system, and while this page may not sound it says so.
"use strict";

window.Alerts = ((words, told) => {
  const title = document.title;
  let ringing = "";
  let notice = null;
  let flashes = false;

  // Where calls ring at a telephone, this page makes no sound.
  function sound() {
    told.textContent = words.sounds && Rings.isPossible && !Rings.isOpen() ? words.soundOff : "";
  }

  function notify() {
    if (!document.hidden || !window.Notification || Notification.permission !== "granted") return;
    // No number: a notice is seen on a locked screen too.
    notice = new Notification(`Centrala: ${words.rings}`, { tag: "ring", requireInteraction: true });
    notice.addEventListener("click", () => { window.focus(); notice.close(); });
  }

  // Asked for when somebody takes calls, never when a page is loaded.
  document.body.addEventListener("click", (event) => {
    const takes = event.target.closest("#act-available");
    if (takes && window.Notification && Notification.permission === "default") Notification.requestPermission();
  });

  Rings.whenOpen(sound);
  sound();
  return {
    rings(name) {
      if (ringing) return;
      ringing = name || words.rings;
      document.title = `☎ ${words.rings}`;
      notify();
    },
    hushes() {
      ringing = "";
      notice?.close();
      notice = null;
      document.title = title;
    },
    flash() {
      if (!ringing) return;
      flashes = !flashes;
      document.title = flashes ? `☎ ☎ ☎ ${ringing}` : `☎ ${words.rings}`;
    },
  };
})(document.getElementById("desk").dataset, document.getElementById("sound-off"));
