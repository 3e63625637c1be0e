// The telephone in this page: one small interface, by the carrier's kit or by the demo's network.
//   rings() a call is offered · answers() the person takes it · hushes() it rings no more
"use strict";

window.Softphone = (() => {
  const HEARD_MS = 1000;
  const part = (id) => document.getElementById(id);

  function say(text) {
    part("told").textContent = text;
  }

  const bell = (words) => ({ rings: () => Rings.rings(words.ring), hushes: () => Rings.hushes() });

  // The desk knows of a call before the telephone rings: who presses meanwhile has not pressed in vain.
  function early() {
    return {
      isOpen: false,
      begins() { this.isOpen = true; },
      ends() { if (this.isOpen) say(""); this.isOpen = false; },
    };
  }

  // The demo: the app passes on to the network what this person's own telephone does.
  function demo(words) {
    const ring = bell(words);
    const headers = { "X-CSRFToken": words.csrf };
    const wish = early();
    let since = 0;
    let sid = "";
    async function listen() {
      const up = ["ringing", "talking"].includes(part("call").dataset.part);
      if (up) {
        try {
          if (wish.isOpen) await picksUp();
          const heard = await (await fetch(`${words.phone}?sid=${sid}&since=${since}`)).json();
          if (heard.sid !== sid) since = 0;
          sid = heard.sid || "";
          since = heard.next || 0;
          caption((heard.events || []).filter((event) => event.kind === "speech").pop());
        } catch (error) {
          // The desk itself tells when the server is gone.
        }
      }
      setTimeout(listen, HEARD_MS);
    }
    function caption(said) {
      const line = part("captions");
      if (!said || !line) return;
      line.hidden = false;
      line.lang = said.language.slice(0, 2);
      line.textContent = `„${said.text}”`;
    }
    async function picksUp() {
      const answer = await fetch(`${words.phone}/answer`, { method: "POST", headers });
      if (answer.ok) wish.ends();
      else if (wish.isOpen) say((await answer.json()).error);
    }
    listen();
    return {
      rings() { wish.ends(); ring.rings(); },
      hushes() { wish.ends(); ring.hushes(); },
      answers() { ring.hushes(); wish.begins(); picksUp().catch(() => {}); },
    };
  }

  function carrier(words) {
    const ring = bell(words);
    const fails = (why) => say(words.noSound.replace("{why}", why));
    const wish = early();
    let device = null;
    let incoming = null;
    async function token() {
      const answer = await fetch(words.token, { method: "POST", headers: { "X-CSRFToken": words.csrf } });
      if (!answer.ok) throw new Error(answer.status);
      return (await answer.json()).token;
    }
    async function begin() {
      try {
        device = new Twilio.Device(await token(), { closeProtection: true, logLevel: "error" });
      } catch (error) {
        fails(error.message);
        return void setTimeout(begin, 10000);
      }
      device.audio.incoming(false);
      device.on("incoming", (call) => {
        incoming = call;
        if (wish.isOpen) { wish.ends(); call.accept(); }
        call.on("error", (error) => fails(error.message));
        for (const end of ["cancel", "disconnect", "reject"]) call.on(end, () => { incoming = null; });
      });
      device.on("error", (error) => fails(error.message));
      device.on("tokenWillExpire", async () => device.updateToken(await token()));
      device.register();
    }
    begin();
    return {
      rings() { wish.ends(); ring.rings(); },
      hushes() { wish.ends(); ring.hushes(); },
      answers() {
        ring.hushes();
        if (incoming) return incoming.accept();
        wish.begins();
        say(words.notYet);
      },
    };
  }

  // A telephone or SIP: it rings by itself.
  const elsewhere = () => ({ rings() {}, hushes() {}, answers() {} });

  return { open: (words) => (words.phone ? demo(words) : words.token ? carrier(words) : elsewhere()) };
})();
