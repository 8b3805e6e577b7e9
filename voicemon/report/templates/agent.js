"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const clip = $("clip");
  let until = 0, playing = null;

  const stopped = () => {
    if (playing) playing.classList.remove("playing");
    playing = null;
  };
  const play = (button) => {
    const again = playing === button;
    clip.pause();
    stopped();
    if (again) return;
    const from = Number(button.dataset.from), src = new URL(button.dataset.src, location.href).href;
    until = Number(button.dataset.to);
    playing = button;
    button.classList.add("playing");
    $("trouble").textContent = "";
    if (clip.src !== src) clip.src = src;
    const start = () => {
      clip.currentTime = from;
      clip.play().catch(() => {});
    };
    if (clip.readyState >= 1) start(); else { clip.addEventListener("loadedmetadata", start, { once: true }); clip.load(); }
  };
  clip.addEventListener("timeupdate", () => { if (playing && clip.currentTime >= until) { clip.pause(); stopped(); } });
  clip.addEventListener("ended", stopped);
  clip.addEventListener("error", () => { stopped(); $("trouble").textContent = data.clip_error; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-src]");
    if (button) play(button);
    const contest = event.target.closest("[data-contest]");
    if (contest && $("contest")) {
      $("which").value = contest.dataset.contest;
      $("contest").scrollIntoView({ block: "center" });
      $("note").focus({ preventScroll: true });
    }
  });

  if (!$("contest")) return;
  $("contest").addEventListener("submit", (event) => {
    event.preventDefault();
    const about = data.contestable[Number($("which").value)], note = $("note").value.trim();
    if (!about || !note) return;
    const appeal = { format: "voicemon-appeal", version: 1, call_id: about[0], rule: about[1], agent_id: data.agent_id, note };
    const name = `appeal-${about[0]}-${about[1]}.json`.replace(/[^\p{L}\p{N}._-]+/gu, "_");
    const url = URL.createObjectURL(new Blob([JSON.stringify(appeal, null, 1)], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    $("saved").textContent = data.saved.replace("{file}", () => name);
  });
})();
