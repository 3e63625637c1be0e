// Plays the words of an announcement with the browser's voice, as they stand in the field.
for (const button of document.querySelectorAll("button[data-say]")) {
  if (!window.speechSynthesis) break;
  button.hidden = false;
  button.addEventListener("click", () => {
    const status = button.parentElement.querySelector("[role=status]");
    const voices = speechSynthesis.getVoices();
    const voice = voices.find((each) => each.lang.toLowerCase().startsWith(button.dataset.language));
    status.textContent = voice ? "" : button.dataset.lacks;
    speechSynthesis.cancel();
    if (!voice) return;
    const speech = new SpeechSynthesisUtterance(document.getElementById(button.dataset.say).value);
    speech.voice = voice;
    speech.lang = voice.lang;
    speechSynthesis.speak(speech);
  });
}
