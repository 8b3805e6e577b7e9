"use strict";
// Pictures of the calls shown. Each takes the calls and draws into its own element; nothing here keeps state.
const overviewCharts = (data, tools) => {
  const { $, t, fill, figure, make } = tools;
  const BINS = 18, STEPS = { rate: 10, level: 1, ring: 1, wait: 2 }, KEYS = Object.keys(STEPS), MOST_COLUMNS = 31;
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const add = (groups, key, value) => {
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(value);
  };
  const column = (height, above, below, title) => {
    const box = make("div"), bar = make("i");
    bar.style.height = `${height}%`;
    if (title) box.title = title;
    box.append(above, bar, below);
    return box;
  };

  const scores = (shown) => {
    const bins = new Array(10).fill(0);
    for (const c of shown) if (c.score !== null) bins[Math.min(9, Math.floor(c.score / 10))] += 1;
    const most = Math.max(1, ...bins);
    $("hist").replaceChildren(...bins.map((n, i) => column((70 * n) / most, n ? String(n) : "", `${i * 10}+`)));
  };

  // Days while they fit, else weeks (named by their Monday), else months.
  const names = [
    (day) => day,
    (day) => {
      const date = new Date(`${day}T00:00:00Z`);
      date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
      return date.toISOString().slice(0, 10);
    },
    (day) => day.slice(0, 7),
  ];
  const trend = (shown) => {
    const dated = shown.filter((c) => c.score !== null && /^\d{4}-[01]\d-[0-3]\d$/.test(c.day) && !Number.isNaN(Date.parse(c.day)));
    let found = new Map();
    for (const name of names) {
      found = new Map();
      for (const c of dated) add(found, name(c.day), c.score);
      if (found.size <= MOST_COLUMNS) break;
    }
    const last = [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1)).slice(-MOST_COLUMNS);
    $("trend").hidden = last.length < 2;
    $("days").replaceChildren(...last.map(([day, own], i) => {
      const value = figure(mean(own)), label = last.length <= 7 || i === 0 || i === last.length - 1 ? (day.length > 7 ? day.slice(5) : day) : "\u00a0";
      return column(0.7 * mean(own), last.length <= 12 ? value : "", label, fill(t.day_mean, { day, mean: value, n: own.length }));
    }));
  };

  const draw = (svg, tag, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, at] of Object.entries(attributes)) element.setAttribute(name, at);
    if (text !== undefined) element.textContent = text;
    svg.append(element);
  };
  // A band is only drawn where all calls shown are held against the same one.
  const targetOf = (shown, key) => {
    const all = [...new Set(shown.map((c) => c.standard))].map((s) => data.targets[s][KEYS.indexOf(key)]);
    return all.length && all.every((b) => JSON.stringify(b) === JSON.stringify(all[0])) ? all[0] : null;
  };
  const keeps = (band, v) => {
    const allowed = band[2] + Math.abs(v) * band[3];
    return (band[0] === null || v >= band[0] - allowed) && (band[1] === null || v <= band[1] + allowed);
  };
  const distribution = (shown, key) => {
    const svg = $(`dist-${key}`), band = targetOf(shown, key);
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

  // The same mean and interval as the tables: Student's t at the next lower number of degrees that is tabulated.
  const interval = (own) => {
    const [fewest, ...table] = data.student;
    if (own.length < fewest) return null;
    const middle = mean(own), spread = Math.sqrt(own.reduce((a, s) => a + (s - middle) ** 2, 0) / (own.length - 1));
    const [, factor] = table.filter(([degrees]) => degrees <= own.length - 1).pop(), half = (factor * spread) / Math.sqrt(own.length);
    return { mean: middle, low: Math.max(0, middle - half), high: Math.min(100, middle + half) };
  };
  const agents = (shown) => {
    const own = new Map();
    for (const c of shown) if (c.agent) add(own, c.agent, c);
    const found = [...own].map(([agent, calls]) => ({ agent, calls: calls.length, of: interval(calls.map((c) => c.score).filter((s) => s !== null)) }));
    found.sort((a, b) => (!a.of) - (!b.of) || (a.of ? a.of.mean - b.of.mean : 0) || (a.agent[0] < b.agent[0] ? -1 : 1));
    const known = found.filter((a) => a.of), from = known.length ? Math.floor(Math.min(...known.map((a) => a.of.low)) / 10) * 10 : 0;
    const to = known.length ? Math.max(from + 10, Math.ceil(Math.max(...known.map((a) => a.of.high)) / 10) * 10) : 100, at = (v) => (100 * (v - from)) / (to - from);
    $("agents-axis").replaceChildren(...(known.length ? [from, (from + to) / 2, to] : []).map((v) => make("span", "", figure(v))));
    $("agents").replaceChildren(...found.map(({ agent, calls, of }) => {
      const item = make("li"), link = make("a", "", [agent[1], agent[0]].filter(Boolean).join(" "));
      link.setAttribute("href", agent[2]);
      item.append(link);
      if (!of) { item.append(make("span", "small soft", fill(t.too_few, { n: calls }))); return item; }
      const words = fill(t.mean_of, { mean: figure(of.mean), low: figure(of.low), high: figure(of.high), n: calls });
      const bar = make("span", "ci"), range = make("i"), dot = make("b");
      range.style.left = `${at(of.low)}%`;
      range.style.width = `${at(of.high) - at(of.low)}%`;
      dot.style.left = `${at(of.mean)}%`;
      bar.append(range, dot);
      item.append(bar, make("span", "small num", words));
      return item;
    }));
  };
  return (shown) => {
    scores(shown);
    trend(shown);
    KEYS.forEach((key) => distribution(shown, key));
    if ($("agents")) agents(shown);
  };
};
