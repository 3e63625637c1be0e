// Lets somebody hear the ring that is chosen.
"use strict";

document.getElementById("hear").addEventListener("click", () => Rings.hear(document.getElementById("ring").value));
