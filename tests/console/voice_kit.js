// Stands in for the carrier's kit, which answers only where the carrier is: what the desk uses of it.
"use strict";

window.Twilio = (() => {
  class Emitter {
    constructor() { this.heard = {}; }
    on(name, then) { (this.heard[name] ||= []).push(then); return this; }
    emit(name, ...told) { for (const then of this.heard[name] || []) then(...told); }
  }
  class Call extends Emitter {
    accept() { this.accepted = (this.accepted || 0) + 1; }
  }
  class Device extends Emitter {
    constructor(token, options) {
      super();
      Object.assign(this, { token, options, audio: { incoming: () => false } });
      window.device = this;
    }
    register() { this.registered = true; }
    updateToken(token) { this.token = token; }
  }
  return { Call, Device };
})();
