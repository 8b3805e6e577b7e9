"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const sound = $("sound"), go = $("go"), seek = $("seek"), now = $("now"), inner = $("timeline"), head = $("head"), hover = $("hover"), words = $("words");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const clock = (s) => {
    const whole = Math.max(0, Math.floor(s)), h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, rest = String(whole % 60).padStart(2, "0");
    return h ? `${h}:${String(m).padStart(2, "0")}:${rest}` : `${m}:${rest}`;
  };
  const total = Math.max(data.duration_s, 0.001);
  let current = -1, dragging = false;

  const show = (at) => {
    head.style.left = `${Math.min(100, (100 * at) / total)}%`;
    if (seek && !dragging) seek.value = at;
    if (now) now.textContent = `${clock(at)} / ${clock(total)}`;
    let found = -1;
    for (const [index, start, end] of data.lines) if (at >= start - 0.05 && at < end) found = index;
    if (found === current) return;
    if (current >= 0) $(`u${current}`).classList.remove("now");
    current = found;
    if (found < 0) return;
    const line = $(`u${found}`);
    line.classList.add("now");
    const top = line.offsetTop - words.clientHeight / 3;
    words.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  };
  const jump = (at) => {
    const to = Math.min(Math.max(0, at), total);
    if (sound) sound.currentTime = to;
    show(to);
  };
  const play = (at) => {
    jump(at);
    if (sound) sound.play().catch(() => {});
  };
  const mark = (anchor) => {
    document.querySelectorAll(".v.on").forEach((v) => v.classList.remove("on"));
    const verdict = anchor && $(anchor);
    if (verdict) verdict.classList.add("on");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-t]");
    if (button) {
      play(Number(button.dataset.t));
      if (button.dataset.v) mark(button.dataset.v);
      return;
    }
    const zoom = event.target.closest("[data-zoom]");
    if (zoom) {
      inner.style.width = `${100 * Number(zoom.dataset.zoom)}%`;
      document.querySelectorAll("[data-zoom]").forEach((z) => z.setAttribute("aria-pressed", String(z === zoom)));
      const box = inner.parentElement;
      box.scrollLeft = (parseFloat(head.style.left || "0") / 100) * inner.clientWidth - box.clientWidth / 2;
      return;
    }
    const link = event.target.closest("a[href^='#']");
    if (link) {
      const target = $(link.getAttribute("href").slice(1));
      const folded = target && (target.matches("details") ? target : target.closest("details"));
      if (folded) folded.open = true;
      mark(target && target.classList.contains("v") ? target.id : "");
    }
  });
  const timeAt = (event) => {
    const box = inner.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * total;
  };
  inner.addEventListener("click", (event) => {
    if (!event.target.closest("[data-t]")) play(timeAt(event));
  });
  inner.addEventListener("pointermove", (event) => {
    const at = Math.min(total, Math.max(0, timeAt(event)));
    hover.style.display = "block";
    hover.style.left = `${(100 * at) / total}%`;
    hover.firstElementChild.textContent = clock(at);
  });
  inner.addEventListener("pointerleave", () => { hover.style.display = "none"; });

  if (sound) {
    const state = () => {
      const label = sound.paused ? data.texts.play : data.texts.pause;
      go.textContent = sound.paused ? "▶" : "❚❚";
      go.setAttribute("aria-label", label);
    };
    const tick = () => {
      show(sound.currentTime);
      if (!sound.paused) requestAnimationFrame(tick);
    };
    sound.addEventListener("play", () => { state(); tick(); });
    sound.addEventListener("pause", state);
    sound.addEventListener("ended", state);
    sound.addEventListener("error", () => { $("trouble").textContent = data.texts.audio_error; });
    go.addEventListener("click", () => { if (sound.paused) sound.play().catch(() => {}); else sound.pause(); });
    seek.addEventListener("input", () => { dragging = true; jump(Number(seek.value)); });
    seek.addEventListener("change", () => { dragging = false; });
    $("speed").addEventListener("change", (event) => { sound.playbackRate = Number(event.target.value); });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element) || event.target.closest("input,select,button,summary,a,textarea")) return;
      if (event.key === " ") { event.preventDefault(); go.click(); }
      if (event.key === "ArrowLeft") { event.preventDefault(); jump(sound.currentTime - 3); }
      if (event.key === "ArrowRight") { event.preventDefault(); jump(sound.currentTime + 3); }
    });
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details.group").forEach((d) => { d.open = true; }));
  const fromHash = () => {
    const wanted = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (wanted) jump(Number(wanted[1]));
  };
  addEventListener("hashchange", fromHash);
  fromHash();
})();
