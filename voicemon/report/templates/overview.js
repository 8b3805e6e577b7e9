"use strict";
(() => {
  const PAGE = 100, MOST_RULES = 10, MOST_DAYS = 31;
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const t = data.texts;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  const figure = (value, digits = 1) => (value === null ? "–" : value.toFixed(digits).replace(/\.0$/, "").replace("-", "−"));
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const ruleName = (i) => data.rules[i][2];
  const calls = data.rows.map((r, order) => {
    const agent = r[2] < 0 ? null : data.agents[r[2]];
    return {
      href: r[0], id: r[1], agent, standard: r[3], started: r[4], score: r[5], low: r[6], high: r[7], fatal: r[8], fail: r[9], unsure: r[10], rules: r[11],
      rate: r[12], level: r[13], ring: r[14], wait: r[15], order,
      text: [r[1], agent ? agent[0] : "", agent ? agent[1] : "", ...r[11].map((i) => `${data.rules[i][1]} ${ruleName(i)}`)].join(" ").toLowerCase(),
    };
  });
  const state = { key: null, down: false, page: 0, rule: -1 };
  let shown = calls;

  const options = (select, items) => {
    select.append(new Option(t.any, ""));
    for (const [value, label] of items) select.append(new Option(label, value));
  };
  options($("f-agent"), data.agents.map((a, i) => [i, [a[1], a[0]].filter(Boolean).join(" ")]));
  options($("f-standard"), data.standards.map((s, i) => [i, s]));
  options($("f-rule"), data.rules.map((r, i) => [i, `${r[2]} ${r[1]}`]));

  const passes = () => {
    const text = $("f-text").value.trim().toLowerCase(), agent = $("f-agent").value, standard = $("f-standard").value, outcome = $("f-outcome").value;
    const rule = $("f-rule").value === "" ? -1 : Number($("f-rule").value), from = $("f-from").value, to = $("f-to").value;
    const wanted = agent === "" ? null : data.agents[Number(agent)];
    state.rule = rule;
    return (c) => {
      const day = c.started.slice(0, 10);
      return (!text || c.text.includes(text)) && (!wanted || c.agent === wanted) && (standard === "" || c.standard === Number(standard))
        && (rule < 0 || c.rules.includes(rule)) && (!from || day >= from) && (!to || (day && day <= to))
        && (!outcome || (outcome === "fatal" && c.fatal > 0) || (outcome === "fail" && c.fail > 0) || (outcome === "unsure" && c.unsure > 0) || (outcome === "clean" && !c.fail && !c.unsure));
    };
  };
  const value = {
    id: (c) => c.id, agent: (c) => (c.agent ? c.agent[0] : null), standard: (c) => data.standards[c.standard], started: (c) => c.started || null,
    score: (c) => c.score, fail: (c) => c.fail, unsure: (c) => c.unsure, rate: (c) => c.rate, level: (c) => c.level, ring: (c) => c.ring, wait: (c) => c.wait,
  };
  const collator = new Intl.Collator(undefined, { numeric: true });
  const sorted = (list) => {
    if (!state.key) return list;
    const of = value[state.key], sign = state.down ? -1 : 1;
    return [...list].sort((a, b) => {
      const x = of(a), y = of(b);
      if (x === null || y === null) return x === y ? a.order - b.order : x === null ? 1 : -1;
      const by = typeof x === "string" ? collator.compare(x, y) : x - y;
      return by ? sign * by : a.order - b.order;
    });
  };

  const scoreCell = (c) => {
    const cell = make("td", "n");
    if (c.fatal) { cell.append(make("span", "tag fail", t.fatal), " "); }
    const low = c.low, high = c.high;
    cell.append(low === null ? "–" : low === high ? figure(low) : `${figure(low, 0)}–${figure(high, 0)}`);
    if (low !== null) {
      const bar = make("div", "scorebar"), sure = make("i"), open = make("i");
      sure.style.width = `${low}%`;
      open.style.left = `${low}%`;
      open.style.width = `${high - low}%`;
      bar.append(sure, open);
      cell.append(bar);
    }
    return cell;
  };
  const link = (href, text) => {
    const a = make("a", "", text);
    a.setAttribute("href", href);
    return a;
  };
  const count = (n, kind) => {
    const cell = make("td", "n");
    cell.append(n ? make("span", `tag ${kind}`, String(n)) : "0");
    return cell;
  };
  const row = (c) => {
    const line = make("tr"), id = make("td", "id"), agent = make("td");
    id.append(link(c.href, c.id));
    if (c.agent) agent.append(link(c.agent[2], c.agent[1] || c.agent[0])); else agent.append(make("span", "soft", "–"));
    const names = c.rules.map(ruleName);
    const rules = make("td", "rules"), brief = make("span", "brief", names.slice(0, 3).join(t.list_comma) + (names.length > 3 ? " …" : ""));
    rules.title = names.join(t.list_comma);
    rules.append(brief);
    line.append(id, scoreCell(c), count(c.fail, "fail"), count(c.unsure, "unsure"), rules, agent,
      make("td", "num once", c.started.slice(0, 16).replace("T", " ")), make("td", "once", data.standards[c.standard]),
      make("td", "n", figure(c.rate)), make("td", "n", figure(c.level)), make("td", "n", figure(c.ring)), make("td", "n", figure(c.wait)));
    return line;
  };
  const drawTable = () => {
    const from = state.page * PAGE, part = shown.slice(from, from + PAGE), body = $("body");
    body.replaceChildren(...part.map(row));
    if (!part.length) {
      const line = make("tr"), cell = make("td", "soft", t.no_match);
      cell.colSpan = 12;
      line.append(cell);
      body.append(line);
    }
    $("shown").textContent = shown.length ? fill(t.shown, { from: from + 1, to: from + part.length, n: shown.length }) : "";
    $("previous").disabled = state.page === 0;
    $("next").disabled = from + PAGE >= shown.length;
  };
  const drawTiles = () => {
    const scores = shown.filter((c) => c.score !== null).map((c) => c.score);
    const share = (n) => {
      const part = make("small", "", shown.length ? ` ${Math.round((100 * n) / shown.length)} %` : "");
      return [String(n), part];
    };
    $("n-calls").textContent = String(shown.length);
    $("n-score").textContent = scores.length ? figure(scores.reduce((a, b) => a + b, 0) / scores.length) : "–";
    $("n-fail").replaceChildren(...share(shown.filter((c) => c.fail).length));
    $("n-fatal").replaceChildren(...share(shown.filter((c) => c.fatal).length));
    $("n-unsure").replaceChildren(...share(shown.filter((c) => c.unsure).length));
    const bins = new Array(10).fill(0);
    for (const s of scores) bins[Math.min(9, Math.floor(s / 10))] += 1;
    const most = Math.max(1, ...bins);
    $("hist").replaceChildren(...bins.map((n, i) => {
      const column = make("div"), bar = make("i");
      bar.style.height = `${(70 * n) / most}%`;
      column.append(n ? String(n) : "", bar, `${i * 10}+`);
      return column;
    }));
  };
  const BINS = 18, STEPS = { rate: 10, level: 1, ring: 1, wait: 2 }, KEYS = Object.keys(STEPS);
  const draw = (svg, tag, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, at] of Object.entries(attributes)) element.setAttribute(name, at);
    if (text !== undefined) element.textContent = text;
    svg.append(element);
  };
  // A band is only drawn where all calls shown are held against the same one.
  const targetOf = (key) => {
    const all = [...new Set(shown.map((c) => c.standard))].map((s) => data.targets[s][KEYS.indexOf(key)]);
    return all.length && all.every((b) => JSON.stringify(b) === JSON.stringify(all[0])) ? all[0] : null;
  };
  const keeps = (band, v) => {
    const allowed = band[2] + Math.abs(v) * band[3];
    return (band[0] === null || v >= band[0] - allowed) && (band[1] === null || v <= band[1] + allowed);
  };
  const drawDistribution = (key) => {
    const svg = $(`dist-${key}`), band = targetOf(key);
    const known = shown.map((c) => c[key]).filter((v) => v !== null).sort((a, b) => a - b);
    svg.replaceChildren();
    if (!known.length) { $(`about-${key}`).textContent = t.not_known; return; }
    const share = (p) => known[Math.min(known.length - 1, Math.floor(p * known.length))];
    const ends = [share(0.01), share(0.99), ...(band || []).slice(0, 2).filter((v) => v !== null)];
    let step = STEPS[key];
    while ((Math.max(...ends) - Math.min(...ends)) / step > BINS - 2) step *= 2;
    const from = Math.floor(Math.min(...ends) / step) * step, bins = Math.max(4, Math.floor((Math.max(...ends) - from) / step) + 1), width = 240 / bins;
    const counts = Array.from({ length: bins }, () => [0, 0]);
    for (const v of known) counts[Math.min(bins - 1, Math.max(0, Math.floor((v - from) / step)))][band && !keeps(band, v) ? 1 : 0] += 1;
    const most = Math.max(...counts.map((n) => n[0] + n[1])), x = (v) => Math.min(240, Math.max(0, ((v - from) / step) * width));
    if (band) {
      const left = band[0] === null ? 0 : x(band[0]), right = band[1] === null ? 240 : x(band[1]);
      draw(svg, "rect", { class: "band", x: left, y: 4, width: Math.max(1, right - left), height: 76 });
    }
    counts.forEach(([kept, out], i) => {
      const kh = (70 * kept) / most, oh = (70 * out) / most;
      if (kept) draw(svg, "rect", { x: i * width + 1, y: 80 - kh, width: width - 2, height: kh });
      if (out) draw(svg, "rect", { class: "out", x: i * width + 1, y: 80 - kh - oh, width: width - 2, height: oh });
    });
    draw(svg, "line", { x1: 0, y1: 80, x2: 240, y2: 80 });
    draw(svg, "text", { x: 0, y: 93 }, (known[0] < from ? "≤ " : "") + figure(from));
    draw(svg, "text", { x: 240, y: 93, "text-anchor": "end" }, figure(from + bins * step) + (known[known.length - 1] >= from + bins * step ? " +" : ""));
    const line = fill(t.dist_line, { median: figure(share(0.5)), n: known.length });
    $(`about-${key}`).textContent = band ? `${line} · ${band[4]} · ${fill(t.dist_in_band, { kept: known.filter((v) => keeps(band, v)).length })}` : line;
  };
  const drawDays = () => {
    const days = new Map();
    for (const c of shown) {
      const day = c.started.slice(0, 10);
      if (c.score === null || !/^\d{4}-\d\d-\d\d$/.test(day)) continue;
      const sum = days.get(day) || [0, 0];
      days.set(day, [sum[0] + c.score, sum[1] + 1]);
    }
    const last = [...days].sort((a, b) => (a[0] < b[0] ? -1 : 1)).slice(-MOST_DAYS);
    $("trend").hidden = last.length < 2;
    $("days").replaceChildren(...last.map(([day, [sum, n]], i) => {
      const column = make("div"), bar = make("i"), mean = figure(sum / n);
      bar.style.height = `${(0.7 * sum) / n}%`;
      column.title = fill(t.day_mean, { day, mean, n });
      column.append(last.length <= 12 ? mean : "", bar, last.length <= 7 || i === 0 || i === last.length - 1 ? day.slice(5) : "\u00a0");
      return column;
    }));
  };
  const drawRules = () => {
    const missed = new Map(), of = new Array(data.standards.length).fill(0);
    for (const c of shown) {
      of[c.standard] += 1;
      for (const rule of c.rules) missed.set(rule, (missed.get(rule) || 0) + 1);
    }
    const worst = [...missed].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST_RULES);
    $("rules").replaceChildren(...worst.map(([rule, n]) => {
      const item = make("li"), button = make("button"), bar = make("span", "bar"), part = make("i"), all = of[data.rules[rule][0]];
      const name = make("span", "name", `${ruleName(rule)} `);
      name.append(make("span", "soft small", data.rules[rule][1]));
      part.style.width = `${(100 * n) / all}%`;
      bar.append(part);
      button.type = "button";
      button.title = ruleName(rule);
      button.setAttribute("aria-pressed", String(state.rule === rule));
      button.append(name, bar, make("span", "many", `${n} / ${all} · ${Math.round((100 * n) / all)} %`));
      button.addEventListener("click", () => {
        $("f-rule").value = state.rule === rule ? "" : String(rule);
        refresh();
      });
      item.append(button);
      return item;
    }));
    if (!worst.length) $("rules").append(make("li", "soft", t.none_broken));
  };
  const refresh = () => {
    shown = sorted(calls.filter(passes()));
    state.page = 0;
    drawTable();
    drawTiles();
    drawDays();
    KEYS.forEach(drawDistribution);
    drawRules();
  };

  document.querySelectorAll("th[data-key] button").forEach((button) => {
    button.addEventListener("click", () => {
      const head = button.closest("th"), key = head.dataset.key;
      const firstDown = ["fail", "unsure", "wait", "ring", "started"].includes(key);
      state.down = state.key === key ? !state.down : firstDown;
      state.key = key;
      document.querySelectorAll("th[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      refresh();
    });
  });
  for (const change of ["input", "change"]) $("filters").addEventListener(change, refresh);
  $("filters").addEventListener("reset", () => setTimeout(refresh, 0));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("previous").addEventListener("click", () => { state.page -= 1; drawTable(); });
  $("next").addEventListener("click", () => { state.page += 1; drawTable(); });
  refresh();
})();
