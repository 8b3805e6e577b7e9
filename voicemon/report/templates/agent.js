"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
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
