"use strict";
(() => {
  const PAGE = 50, MOST_RULES = 8, MOST_WORST = 6;
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const t = data.texts;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  // A half goes to the even figure, as on the call pages.
  const whole = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));
  const figure = (value, digits = 1) => (value === null ? "–" : (digits ? value : whole(value)).toFixed(digits).replace(/\.0$/, "").replace("-", "−"));
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const drawCharts = overviewCharts(data, { $, t, fill, figure, make });
  const ruleName = (i) => data.rules[i][2];
  const calls = data.rows.map((r, order) => {
    const agent = r[2] < 0 ? null : data.agents[r[2]];
    return {
      href: r[0], id: r[1], agent, standard: r[3], started: r[4], score: r[5], low: r[6], high: r[7], fatal: r[8], fail: r[9], unsure: r[10], rules: r[11],
      rate: r[12], level: r[13], ring: r[14], wait: r[15], appeals: r[16], machine: r[17] || null, order, day: r[4].slice(0, 10),
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
      const day = c.day;
      return (!text || c.text.includes(text)) && (!wanted || c.agent === wanted) && (standard === "" || c.standard === Number(standard))
        && (rule < 0 || c.rules.includes(rule)) && (!from || day >= from) && (!to || (day && day <= to))
        && (!outcome || is[outcome](c));
    };
  };
  const is = {
    fatal: (c) => c.fatal > 0, fail: (c) => c.fail > 0, unsure: (c) => c.unsure > 0, clean: (c) => !c.fail && !c.unsure && c.score !== null,
    appealed: (c) => c.appeals > 0, reviewed: (c) => c.machine !== null,
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

  const range = (low, high) => (low === null ? "–" : low === high ? figure(low) : `${figure(low, 0)}–${figure(high, 0)}`);
  const was = (c, text) => make("span", "was", fill(t.machine_had, { was: text }));
  const scoreCell = (c) => {
    const cell = make("td", "n");
    if (c.fatal) { cell.append(make("span", "tag fail", t.fatal), " "); }
    cell.append(range(c.low, c.high));
    if (c.low !== null) {
      const bar = make("div", "scorebar"), sure = make("i"), open = make("i");
      sure.style.width = `${c.low}%`;
      open.style.left = `${c.low}%`;
      open.style.width = `${c.high - c.low}%`;
      bar.append(sure, open);
      cell.append(bar);
    }
    if (c.machine) cell.append(was(c, range(c.machine[1], c.machine[2])));
    return cell;
  };
  const link = (href, text) => {
    const a = make("a", "", text);
    a.setAttribute("href", href);
    return a;
  };
  const count = (c, kind, before) => {
    const cell = make("td", "n"), n = c[kind];
    cell.append(n ? make("span", `tag ${kind}`, String(n)) : c.low === null ? "–" : "0"); // nothing could be judged: no miss is no praise
    if (c.machine && before !== n) cell.append(was(c, String(before)));
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
    line.append(id, scoreCell(c), count(c, "fail", c.machine && c.machine[4]), count(c, "unsure", c.machine && c.machine[5]), rules, agent,
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
  };
  const drawWorst = () => {
    const worst = shown.filter((c) => c.fail || c.fatal).sort((a, b) => a.order - b.order).slice(0, MOST_WORST);
    $("worst").replaceChildren(...worst.map((c) => {
      const item = make("li"), score = make("b", "num", range(c.low, c.high)), about = make("div"), names = c.rules.map(ruleName);
      const head = make("p"), who = [c.agent && (c.agent[1] || c.agent[0]), c.started.slice(0, 16).replace("T", " ")].filter(Boolean).join(" · ");
      head.append(link(c.href, c.id), " ");
      if (c.fatal) head.append(make("span", "tag fail", t.fatal), " ");
      head.append(make("span", "small soft", who));
      about.append(head, make("p", "small brief", names.slice(0, 4).join(t.list_comma) + (names.length > 4 ? " …" : "")));
      item.append(score, about, make("span", "tag fail", String(c.fail)));
      return item;
    }));
    if (!worst.length) $("worst").append(make("li", "soft", t.no_call_missed));
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
  const order = () => {
    shown = sorted(calls.filter(passes()));
    state.page = 0;
    drawTable();
  };
  const refresh = () => {
    order();
    drawTiles();
    drawWorst();
    drawRules();
    drawCharts(shown);
  };

  document.querySelectorAll("th[data-key] button").forEach((button) => {
    button.addEventListener("click", () => {
      const head = button.closest("th"), key = head.dataset.key;
      const firstDown = ["fail", "unsure", "wait", "ring", "started"].includes(key);
      state.down = state.key === key ? !state.down : firstDown;
      state.key = key;
      document.querySelectorAll("th[aria-sort]").forEach((th) => th.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      order();
    });
  });
  for (const change of ["input", "change"]) $("filters").addEventListener(change, refresh);
  $("filters").addEventListener("reset", () => setTimeout(refresh, 0));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("previous").addEventListener("click", () => { state.page -= 1; drawTable(); });
  $("next").addEventListener("click", () => { state.page += 1; drawTable(); });
  refresh();
})();
