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

  // The waveform that plays: the outline drawn above it stays for print and where it cannot be made.
  const lanes = $("lanes"), names = ["agent", "customer"];
  // One bar per column of the screen: bars that overlap would darken what is not speech.
  const shape = (peaks, context) => {
    const { width, height } = context.canvas, values = peaks[0], columns = Math.min(values.length, Math.floor(width)), step = width / columns;
    for (let i = 0; i < columns; i += 1) {
      let peak = 0, speech = false;
      for (let j = Math.floor((i * values.length) / columns); j < Math.floor(((i + 1) * values.length) / columns); j += 1) {
        peak = Math.max(peak, Math.abs(values[j]));
        speech = speech || values[j] > 0;
      }
      const tall = Math.max(1, peak * height * 0.96), left = Math.round(i * step);
      context.globalAlpha = speech ? 1 : 0.3;
      context.fillRect(left, (height - tall) / 2, Math.round((i + 1) * step) - left, tall);
    }
  };
  const colours = () => {
    const style = getComputedStyle(document.documentElement), of = (name) => style.getPropertyValue(`--${name}`).trim();
    return [...lanes.querySelectorAll(".lane")].map((lane) => {
      const name = names.find((n) => lane.classList.contains(n));
      return { waveColor: of(name || "soft"), progressColor: of(name ? `${name}-played` : "ink") };
    });
  };
  const drawn = () => {
    if (typeof WaveSurfer === "undefined" || !data.lanes.length || !data.lanes.every((lane) => lane.length > 1)) return null;
    const box = document.createElement("div");
    box.className = "wave";
    box.setAttribute("aria-hidden", "true");
    const most = Math.max(...data.lanes.map((lane) => lane.length));
    const loudest = Math.max(...data.lanes.map((lane) => lane.reduce((a, b) => Math.max(a, Math.abs(b)), 1)));
    const even = (lane) => Float32Array.from({ length: most }, (_, i) => lane[Math.floor((i * lane.length) / most)] / loudest);
    lanes.querySelector(".lane").before(box);
    const made = WaveSurfer.create({
      container: box, height: 76, cursorWidth: 0, hideScrollbar: true, dragToSeek: Boolean(sound), renderFunction: shape, duration: total,
      peaks: data.lanes.map(even), splitChannels: colours(), ...(sound ? { media: sound } : {}),
    });
    lanes.classList.add("waved");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => made.setOptions({ splitChannels: colours() }));
    return made;
  };
  const wave = drawn();
  if (wave) {
    wave.on("interaction", show);
    wave.on("click", (part) => play(part * total));
  }

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
    if (!event.target.closest("[data-t],.wave")) play(timeAt(event));
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
