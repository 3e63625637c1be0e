// The demo telephone: dials, asks for what happened, shows it as captions, speaks it, presses keys.
"use strict";

(() => {
  const POLL_MS = 300;
  const AFTER_CALL_MS = 2000;
  const IDLE_MS = 4000;
  const AFTER_CALL_POLLS = 45;
  const SPEAK_SECONDS = 5;
  const LONG_CAPTION = 130;
  const TONES = {
    1: [697, 1209], 2: [697, 1336], 3: [697, 1477], 4: [770, 1209], 5: [770, 1336], 6: [770, 1477],
    7: [852, 1209], 8: [852, 1336], 9: [852, 1477], "*": [941, 1209], 0: [941, 1336], "#": [941, 1477],
  };

  const telephone = document.getElementById("telephone");
  const words = telephone.dataset;
  const part = (id) => document.getElementById(id);
  const call = { sid: null, since: 0, state: "idle", pollsLeft: 0, turned: true };
  let answeredAt = null;
  let sound = null;
  let now = null;
  let playing = Promise.resolve();
  let turn = 0;
  let polling = null;
  const shownTexts = new Set();

  // Asking the server

  async function ask(address, body) {
    const options = body === undefined ? {} : {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": words.csrf },
      body: JSON.stringify(body),
    };
    const answer = await fetch(address, options);
    const data = await answer.json();
    if (!answer.ok) throw new Error(data.error || words.lost);
    return data;
  }

  const deed = (what, body = {}) => ask(`${words.calls}/${call.sid}/${what}`, body);

  function caller() {
    return part("from").value || part("other").value.replace(/[\s-]/g, "");
  }

  // The call

  async function lift() {
    if (call.state === "ringing") return void deed("answer").catch(fails);
    if (call.state !== "idle" && call.state !== "over") return;
    begin("dialling");
    try {
      const made = await ask(words.calls, { from: caller() });
      attach(made.sid);
    } catch (error) {
      enter("idle", error.message);
    }
  }

  function begin(state) {
    part("log").replaceChildren();
    part("log-empty").hidden = false;
    part("outcome").hidden = true;
    part("typed").textContent = "";
    part("timer").textContent = "0:00";
    call.sid = null;
    call.since = 0;
    call.turned = true;
    answeredAt = null;
    caption("", "");
    enter(state);
  }

  function attach(sid) {
    call.sid = sid;
    call.since = 0;
    later(0);
  }

  async function down() {
    if (!call.sid) return;
    hush();
    try {
      await deed(call.state === "ringing" ? "decline" : "hangup");
    } catch (error) {
      fails(error);
    }
  }

  function fails(error) {
    note(error.message, "fault");
  }

  async function press(key) {
    light(key);
    beep(key);
    if (call.state !== "up" || !call.sid) return;
    hush();
    part("typed").textContent += key;
    try {
      await deed("keys", { digits: key });
    } catch (error) {
      fails(error);
    }
  }

  async function speak() {
    part("speak").disabled = true;
    mine(`${words.spoke}: ${SPEAK_SECONDS} s`);
    await deed("speak", { seconds: SPEAK_SECONDS }).catch(fails);
    setTimeout(() => { part("speak").disabled = false; }, SPEAK_SECONDS * 1000);
  }

  // Hearing

  function later(milliseconds) {
    clearTimeout(polling);
    polling = setTimeout(poll, milliseconds);
  }

  async function poll() {
    try {
      if (call.sid) await listen();
      else await ringing();
    } catch (error) {
      if (call.sid) part("status").textContent = words.lost;
    }
    if (call.state === "over" && call.pollsLeft-- <= 0) call.sid = null;
    later(!call.sid ? IDLE_MS : call.state === "over" ? AFTER_CALL_MS : POLL_MS);
  }

  async function ringing() {
    const number = caller();
    if (document.hidden || !/^\+\d{8,15}$/.test(number)) return;
    const mineNow = await ask(words.mine, { number });
    mineNow.sms.forEach((text) => showText(text.by, text.body, text.sid));
    const rings = mineNow.phones.find((phone) => phone.status === "ringing" && phone.direction !== "inbound");
    if (rings) {
      begin("ringing");
      attach(rings.id);
    }
  }

  async function listen() {
    const heard = await ask(`${words.calls}/${call.sid}?since=${call.since}`);
    call.since = heard.next;
    heard.events.forEach(happens);
    telephone.dataset.asks = heard.asks || "";
    if (answeredAt !== null || heard.status === "in-progress") {
      answeredAt = Date.now() - heard.seconds * 1000;
    }
    if (heard.is_up) waitsFor(heard);
    if (!heard.is_up) await after();
  }

  const HAPPENINGS = {
    ringing: () => {},
    answered: () => enter("up"),
    speech: (event) => says(event),
    play: (event) => plays(event),
    beep: () => { note(words.tone); tone([1000], 0.4); },
    key: (event) => { call.turned = true; mine(`${words.pressed} ${event.digit}`, true); },
    gather: () => { part("typed").textContent = ""; },
    recording: () => { part("typed").textContent = ""; },
    recorded: (event) => note(words.recorded.replace("{seconds}", Math.round(event.seconds))),
    queue: () => note(words.queue),
    bridged: () => { caption("", words.talking); note(words.talking); },
    sms: (event) => showText(event.by, event.body, event.sid),
    error: (event) => note(words.fault.replace("{message}", event.message), "fault"),
    ended: () => { enter("over"); call.pollsLeft = AFTER_CALL_POLLS; },
  };

  function happens(event) {
    const happening = HAPPENINGS[event.kind];
    if (happening) happening(event);
  }

  function waitsFor(heard) {
    part("speak").hidden = heard.asks !== "voice";
    const waiting = { keys: words.press, voice: words.speak }[heard.asks];
    part("status").textContent = waiting || (call.state === "ringing" ? words.rings : call.state === "up" ? words.up : words.dialling);
  }

  async function after() {
    const { ticket } = await ask(`${words.ticket}?sid=${call.sid}`);
    if (!ticket) return;
    part("outcome").hidden = false;
    write("ticket-link", ticket.number);
    part("ticket-link").href = ticket.address;
    write("ticket-status", ticket.status_word);
    part("ticket-status").className = `chip ${ticket.status}`;
    write("ticket-topic", ticket.topic);
    write("ticket-outcome", ticket.outcome);
  }

  function write(id, text) {
    // An unchanged text is left alone, so that nothing is announced twice.
    if (part(id).textContent !== text) part(id).textContent = text;
  }

  // Showing

  function enter(state, message) {
    call.state = state;
    telephone.dataset.state = state;
    telephone.dataset.asks = "";
    const texts = { idle: words.ready, dialling: words.dialling, ringing: words.rings, up: words.up, over: words.over };
    part("status").textContent = message || texts[state];
    part("lift").hidden = !["idle", "over", "ringing"].includes(state);
    part("down").hidden = !["dialling", "up", "ringing"].includes(state);
    part("lift-name").textContent = state === "ringing" ? words.answer : words.dial;
    part("down-name").textContent = state === "ringing" ? words.decline : words.hangUp;
    part("speak").hidden = true;
    if (state === "over" || state === "idle") {
      hush();
      caption("", words.listen);
      part("typed").textContent = "";
    }
  }

  // The caption holds all that was said since the last key; what is said now stands out.
  function caption(language, text, seconds = 0, joins = false) {
    const said = part("said");
    if (!joins) said.replaceChildren();
    for (const line of said.children) line.className = "past";
    const line = document.createElement("p");
    line.textContent = text;
    line.lang = language;
    line.className = language ? "now" : "past";
    said.append(line);
    said.classList.toggle("long", said.textContent.length > LONG_CAPTION);
    said.scrollTop = line.offsetTop;
    part("tag").textContent = language ? languageName(language) : "";
    run(seconds);
  }

  function languageName(language) {
    const code = language.slice(0, 2);
    return new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(code);
  }

  function run(seconds) {
    const bar = part("progress");
    bar.style.animation = "none";
    if (seconds > 0) {
      void bar.offsetWidth;
      bar.style.animation = `run ${seconds}s linear forwards`;
    }
  }

  function says(event) {
    caption(event.language, event.text, event.seconds, !call.turned);
    if (call.turned) part("typed").textContent = "";
    call.turned = false;
    const line = entry("");
    const tag = document.createElement("span");
    tag.className = "tag";
    tag.textContent = event.language.slice(0, 2).toUpperCase();
    const text = document.createElement("span");
    text.lang = event.language;
    text.textContent = event.text;
    line.append(tag, text);
    aloud(event);
  }

  // A recorded announcement has words that it stands for; the music of the queue has none.
  function plays(event) {
    const told = event.sound ? words.announcement : words.music;
    caption(event.language || "", event.text ? `${told} ${event.text}` : told, event.seconds);
    note(event.text ? `${told} ${event.text}` : told);
    if (event.sound) recorded(event.sound);
  }

  function entry(kind) {
    part("log-empty").hidden = true;
    const line = document.createElement("div");
    line.className = kind;
    const log = part("log");
    log.append(line);
    log.scrollTop = log.scrollHeight;
    return line;
  }

  function note(text, kind = "") {
    entry(`note ${kind}`).textContent = text;
    part("log").scrollTop = part("log").scrollHeight;
  }

  function mine(text, joins = false) {
    // Keys pressed one after another are one line.
    const last = part("log").lastElementChild;
    if (joins && last && last.dataset.keys) last.textContent += text.slice(words.pressed.length);
    else {
      const line = entry("mine");
      line.textContent = text;
      if (joins) line.dataset.keys = "1";
    }
  }

  function showText(by, body, sid) {
    if (shownTexts.has(sid)) return;
    shownTexts.add(sid);
    part("texts").hidden = false;
    const item = document.createElement("li");
    const head = document.createElement("span");
    head.textContent = `${words.sms} ${by}`;
    item.append(head, body);
    part("texts-list").prepend(item);
  }

  function light(key) {
    const button = document.querySelector(`.key[data-key="${CSS.escape(key)}"]`);
    button.classList.add("lit");
    setTimeout(() => button.classList.remove("lit"), 160);
  }

  setInterval(() => {
    if (call.state !== "up" || answeredAt === null) return;
    const seconds = Math.max(0, Math.floor((Date.now() - answeredAt) / 1000));
    part("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }, 250);

  // Sounding

  function tone(pitches, seconds) {
    if (!part("sound").checked || !window.AudioContext) return;
    sound ||= new AudioContext();
    const volume = sound.createGain();
    volume.gain.value = 0.05;
    volume.connect(sound.destination);
    for (const pitch of pitches) {
      const wave = sound.createOscillator();
      wave.frequency.value = pitch;
      wave.connect(volume);
      wave.start();
      wave.stop(sound.currentTime + seconds);
    }
  }

  const beep = (key) => tone(TONES[key], 0.12);

  function voiceFor(language) {
    const wanted = language.slice(0, 2).toLowerCase();
    const voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
    return voices.find((voice) => voice.lang.toLowerCase().startsWith(wanted));
  }

  function aloud(event) {
    if (!part("sound").checked) return;
    const voice = voiceFor(event.language);
    if (!voice) return void recorded(`${words.calls}/${call.sid}/events/${event.n}.wav`);
    const speech = new SpeechSynthesisUtterance(event.text);
    speech.voice = voice;
    speech.lang = voice.lang;
    speech.rate = 1.1;
    speechSynthesis.speak(speech);
  }

  // One after another, as they are said; a sound that is not to be had is read in the captions.
  function recorded(address) {
    if (!part("sound").checked) return;
    const next = new Audio(address);
    next.addEventListener("error", () => { part("voice-note").textContent = words.lacks; });
    const mine = turn;
    playing = playing.then(() => (mine === turn ? until(next) : undefined));
  }

  function until(audio) {
    if (audio.error) return;
    now = audio;
    return new Promise((done) => {
      for (const end of ["ended", "error", "pause"]) audio.addEventListener(end, done, { once: true });
      audio.play().catch(done);
    });
  }

  function hush() {
    if (now) now.pause();
    now = null;
    turn += 1;
    if (window.speechSynthesis) speechSynthesis.cancel();
  }

  // Hands

  telephone.querySelectorAll(".key").forEach((button) => {
    button.addEventListener("click", () => press(button.dataset.key));
  });
  part("lift").addEventListener("click", lift);
  part("down").addEventListener("click", down);
  part("speak").addEventListener("click", speak);
  part("choices").addEventListener("submit", (event) => event.preventDefault());
  part("from").addEventListener("change", () => {
    part("other-field").hidden = part("from").value !== "";
    part("texts-list").replaceChildren();
    part("texts").hidden = true;
    shownTexts.clear();
    if (part("from").value === "") part("other").focus();
  });
  part("sound").addEventListener("change", () => {
    localStorage.setItem("phone-sound", part("sound").checked ? "on" : "off");
    if (!part("sound").checked) hush();
  });
  document.addEventListener("keydown", (event) => {
    if (!part("computer-keys").checked || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (Object.hasOwn(TONES, event.key)) press(event.key);
  });
  // Who closes the page lays the telephone down; a page that goes may still send what is kept alive.
  window.addEventListener("pagehide", () => {
    hush();
    if (!call.sid || !["dialling", "up"].includes(call.state)) return;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": words.csrf };
    fetch(`${words.calls}/${call.sid}/hangup`, { method: "POST", headers, body: "{}", keepalive: true }).catch(() => {});
  });

  part("sound").checked = localStorage.getItem("phone-sound") !== "off";
  enter("idle");
  later(IDLE_MS);
})();
