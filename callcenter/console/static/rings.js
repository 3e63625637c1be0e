// How a call rings here: sounds made in the browser, of no other site. A browser lets a page sound only
// after a key or a click, so the first one of either opens it, after each reload anew.
"use strict";

window.Rings = (() => {
  const EVERY_MS = 3000;
  const GESTURES = ["pointerdown", "keydown", "click"];
  // Each tone: after how many seconds, how high (Hz), how long (s), how loud (0 to 1).
  const SOUNDS = {
    double: [[0, 660, 0.35, 0.12], [0.45, 660, 0.35, 0.12]],
    bell: Array.from({ length: 16 }, (_, at) => [at * 0.06, at % 2 ? 1050 : 880, 0.09, 0.1]),
    soft: [[0, 440, 0.9, 0.08], [0.5, 554, 0.9, 0.08]],
    rising: [[0, 523, 0.2, 0.12], [0.22, 659, 0.2, 0.12], [0.44, 784, 0.4, 0.14]],
  };
  let sound = null;
  let again = null;
  const opened = [];

  function open() {
    if (!window.AudioContext) return;
    sound ||= new AudioContext();
    sound.resume().then(() => opened.forEach((tell) => tell())).catch(() => {});
  }

  function tone([after, height, length, loudness]) {
    const at = sound.currentTime + after;
    const volume = sound.createGain();
    const wave = sound.createOscillator();
    volume.gain.setValueAtTime(loudness, at);
    volume.gain.linearRampToValueAtTime(0, at + length);
    wave.frequency.value = height;
    wave.connect(volume).connect(sound.destination);
    wave.start(at);
    wave.stop(at + length);
  }

  const isOpen = () => sound !== null && sound.state === "running";

  function once(name) {
    if (isOpen()) (SOUNDS[name] || SOUNDS.double).forEach(tone);
  }

  for (const gesture of GESTURES) document.addEventListener(gesture, () => { if (!isOpen()) open(); }, true);

  return {
    isOpen,
    isPossible: Boolean(window.AudioContext),
    whenOpen(tell) { opened.push(tell); },
    hear(name) { open(); sound?.resume().then(() => once(name)).catch(() => {}); },
    rings(name) { clearInterval(again); once(name); again = setInterval(() => once(name), EVERY_MS); },
    hushes() { clearInterval(again); },
  };
})();
