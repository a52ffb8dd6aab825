"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const plots = [...document.querySelectorAll(".plot")];
  if (!data.rows || !plots.length) return;
  document.documentElement.classList.add("js");

  // The same constants as in plot.rs.
  const HEIGHT = 128, TOP = 12, BOTTOM = 114, LABEL_Y = 119, LABEL_H = 7, FLAG_H = 7;
  const BAND_SHARE = 0.35, NARROWEST = 2, FLAGGED = ["range", "rate", "local", "outvoted", "agreeing", "confirmed", "anomalous"];

  const floats = (text) => {
    if (!text) return null;
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
    const view = new DataView(bytes.buffer), out = new Float32Array(bytes.length / 4);
    for (let k = 0; k < out.length; k++) out[k] = view.getFloat32(4 * k, true);
    return out;
  };
  const series = data.variables.map((v) => {
    const s = { runs: v.runs, marks: v.marks, floor: v.floor, isScore: v.is_score };
    for (const key of ["low", "high", "band_low", "band_high", "expected", "score", "threshold"]) s[key] = floats(v[key]);
    s.high = s.high || s.low;
    const none = new Float32Array(s.low.length).fill(NaN);
    for (const key of ["expected", "score", "threshold"]) s[key] = s[key] || none;
    if (v.floor === undefined) { s.band_low = s.band_low || none; s.band_high = s.band_high || none; }
    s.least = s.low.reduce((least, v) => v > 0 && v < least ? v : least, Infinity);
    if (!s.band_low) {
      s.band_low = s.expected.map((e, k) => e - s.threshold[k] * Math.max(Math.abs(e), s.floor));
      s.band_high = s.expected.map((e, k) => e + s.threshold[k] * Math.max(Math.abs(e), s.floor));
    }
    return s;
  });
  const bins = series[0].low.length, rows = data.rows, width = data.width;
  let seconds = null;
  if (data.seconds) {
    let sum = 0;
    seconds = data.seconds.map((d) => (sum += d));
  }
  const sorted = seconds && seconds.every((s, k) => k === 0 || s >= seconds[k - 1]);
  const fine = seconds && seconds.some((s) => s % 60 !== 0);
  const date = (s) => new Date(s * 1000).toISOString().replace("T", " ");
  const stamp = (bin) => seconds ? date(seconds[bin]).slice(0, fine ? 19 : 16) : data.times[bin];
  const whole = { from: 0, to: rows };
  let view = { ...whole }, cursor = null;
  const middle = (bin) => (bin * width + Math.min((bin + 1) * width, rows)) / 2;

  // Scores of a model: their threshold is always seen, and they may be drawn as logarithms.
  const log = document.getElementById("log");
  const decades = (bottom, top) => {
    const out = [], every = Math.ceil((top - bottom) / 4), parts = top - bottom < 2 ? [1, 2, 5] : [1];
    for (let power = Math.floor(bottom); power <= top; power += every) {
      for (const part of parts) {
        const value = +`${part}e${power}`, at = Math.log10(value);
        if (at >= bottom && at <= top) out.push([value, exact(value)]);
      }
    }
    return out;
  };

  // Axes.
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];
  const roundStep = (range, count) => {
    const rough = range / count, power = 10 ** Math.floor(Math.log10(rough));
    return ([1, 2, 5].find((m) => m * power >= rough) || 10) * power;
  };
  const numbers = (low, high, count) => {
    const step = roundStep(high - low, count), out = [];
    if (!(step > 0) || !isFinite(step)) return out;
    const decimals = Math.min(9, Math.max(0, -Math.floor(Math.log10(step))));
    const size = Math.max(Math.abs(low), Math.abs(high));
    const first = Math.ceil(low / step);
    for (let k = 0; k < 32 && (first + k) * step <= high; k++) {
      const value = (first + k) * step + 0;
      out.push([value, size >= 1e7 || size < 1e-4 ? value.toExponential() : value.toFixed(decimals)]);
    }
    return out;
  };
  const timeTicks = (count) => {
    const a = Math.max(0, Math.floor(view.from / width)), b = Math.min(bins - 1, Math.ceil(view.to / width));
    if (!sorted || seconds[b] <= seconds[a]) {
      return numbers(view.from, view.to, count).filter(([row]) => Number.isInteger(row));
    }
    const from = seconds[a], to = seconds[b];
    const step = STEPS.find((s) => (to - from) / s <= count) || Math.ceil((to - from) / count);
    const out = [];
    let bin = a;
    for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
      while (bin < b && seconds[bin] < time) bin++;
      const text = date(time);
      out.push([bin * width, time % 86400 === 0 ? text.slice(5, 10) : step < 60 ? text.slice(11, 19) : text.slice(11, 16)]);
    }
    return out;
  };

  // Drawing.
  const number = (v) => v.toFixed(1);
  const gather = (low, high, a, b, place, columns) => {
    const out = [], dense = b - a > columns;
    for (let k = a; k < b; k++) {
      const x = place(middle(k)), last = out[out.length - 1];
      if (dense && last && Math.floor(last[0]) === Math.floor(x)) {
        if (!(last[1] <= low[k])) last[1] = isNaN(low[k]) ? last[1] : low[k];
        if (!(last[2] >= high[k])) last[2] = isNaN(high[k]) ? last[2] : high[k];
      } else out.push([x, low[k], high[k]]);
    }
    return out;
  };
  const linePath = (points, y) => {
    let path = "", pen = null;
    for (const [x, low, high] of points) {
      if (isNaN(low)) { pen = null; continue; }
      const bottom = y(low), top = y(high);
      const down = pen !== null && Math.abs(pen - top) < Math.abs(pen - bottom);
      const near = down ? top : bottom, far = down ? bottom : top;
      path += (pen === null ? "M" : "L") + number(x) + "," + number(near);
      if (bottom - top >= 0.1) path += "V" + number(far);
      else if (pen === null) path += "h0";
      pen = far;
    }
    return path;
  };
  const bandPath = (points, y) => {
    let path = "", run = [];
    const close = () => {
      const edge = [...run.map((p) => [p[0], p[2]]), ...run.reverse().map((p) => [p[0], p[1]])];
      if (edge.length) path += "M" + edge.map((p) => number(p[0]) + "," + number(y(p[1]))).join("L") + "Z";
      run = [];
    };
    for (const point of points) {
      if (isNaN(point[1])) close(); else run.push(point);
    }
    close();
    return path;
  };
  const boxes = (list, place, top, height, columns) => {
    let path = "", end = -Infinity;
    for (const [first, last] of list) {
      const x = place(first), w = Math.max(place(last + 1) - x, NARROWEST);
      if (x > columns || x + w < 0 || x + w <= end) continue;
      path += `M${number(x)},${top}h${number(w)}v${height}h${number(-w)}z`;
      end = x + w;
    }
    return path;
  };
  const shape = (kind, d) => d ? `<path class="${kind}" d="${d}"/>` : "";

  const draw = (index) => {
    const s = series[index], svg = plots[index].querySelector("svg");
    const columns = Math.max(100, Math.round(svg.clientWidth));
    const place = (row) => (row - view.from) / (view.to - view.from) * columns;
    const a = Math.max(0, Math.floor(view.from / width) - 1), b = Math.min(bins, Math.ceil(view.to / width) + 1);
    let low = Infinity, high = -Infinity, bandLow = Infinity, bandHigh = -Infinity;
    for (let k = a; k < b; k++) {
      if (s.low[k] < low) low = s.low[k];
      if (s.high[k] > high) high = s.high[k];
      if (s.band_low[k] < bandLow) bandLow = s.band_low[k];
      if (s.band_high[k] > bandHigh) bandHigh = s.band_high[k];
    }
    if (low > high) { low = 0; high = 1; }
    const ratio = log && log.checked && s.isScore && isFinite(s.least);
    const lift = (v) => ratio ? Math.log10(Math.max(v, s.least)) : v;
    low = lift(low); high = lift(high); bandLow = lift(bandLow); bandHigh = lift(bandHigh);
    const share = s.isScore ? Infinity : BAND_SHARE;
    const size = high > low ? high - low : Math.max(0.05 * Math.abs(high), 0.5);
    const bottom = Math.min(low, Math.max(bandLow, low - share * size)) - 0.06 * size;
    const top = Math.max(high, Math.min(bandHigh, high + share * size)) + 0.06 * size;
    const y = (v) => Math.min(BOTTOM, Math.max(TOP, BOTTOM - (lift(v) - bottom) / (top - bottom) * (BOTTOM - TOP)));
    const runs = (wanted) => s.runs.filter((r) => wanted(r[2]));
    const seen = 0.5 * (view.to - view.from) / columns;
    const blind = s.runs.filter(([first, last, name]) => !FLAGGED.includes(name) && name !== "early" && (name !== "missing" || last + 1 - first >= seen));
    const ticks = ratio ? decades(bottom, top) : numbers(bottom, top, 4);
    let out = shape("grid", ticks.map(([v]) => `M0,${number(y(v))}H${columns}`).join("") +
      axisTicks.map(([row]) => `M${number(place(row))},${TOP}V${BOTTOM}`).join(""));
    out += shape("blind", boxes(blind, place, TOP, BOTTOM - TOP, columns));
    out += shape("stripe", boxes(runs((n) => n === "confirmed" || n === "anomalous"), place, 0, BOTTOM, columns));
    out += shape("band", bandPath(gather(s.band_low, s.band_high, a, b, place, columns), y));
    if ((b - a) * 3 < columns) out += shape("expected", linePath(gather(s.expected, s.expected, a, b, place, columns), y));
    out += shape("value", linePath(gather(s.low, s.high, a, b, place, columns), y));
    for (const name of FLAGGED) {
      out += shape("flag " + name, boxes(runs((n) => n === name), place, 0, FLAG_H, columns));
      let dots = "", last = "";
      for (const [tick, value, outcome] of s.marks) {
        if (outcome !== name || tick + 1 < view.from || tick > view.to) continue;
        const x = place(tick + 0.5), at = Math.round(x) + "," + Math.round(y(value));
        if (at !== last) dots += `M${number(x)},${number(y(value))}h0`;
        last = at;
      }
      out += shape("dot " + name, dots) + shape("hole " + name, dots);
    }
    out += shape("label", boxes(data.labels, place, LABEL_Y, LABEL_H, columns));
    svg.setAttribute("viewBox", `0 0 ${columns} ${HEIGHT}`);
    svg.innerHTML = out + '<path class="cursor"/><path class="drag"/>';
    plots[index].querySelector(".y").innerHTML = ticks.map(([v, text]) => `<span style="top:${number(y(v))}px">${text}</span>`).join("");
  };

  // The map of a model's errors: drawn already, moved with the view.
  const maps = [...document.querySelectorAll(".heat")].map((article, k) => ({
    svg: article.querySelector(".track svg"), output: article.querySelector("output"), width: data.heats[k].width, line: null,
    lines: data.heats[k].lines.map(([name, errors]) => ({ name, errors: floats(errors) })),
  }));
  const pointHeat = (heat, row) => {
    const path = heat.svg.querySelector(".cursor");
    if (row === null) path.removeAttribute("d"); else path.setAttribute("d", `M${row / heat.width},0V${heat.lines.length}`);
    const at = heat.lines[heat.line];
    if (row === null || !at) { heat.output.textContent = ""; return; }
    const error = at.errors[Math.min(at.errors.length - 1, Math.floor(row / heat.width))];
    heat.output.textContent = `${at.name} · ${isNaN(error) ? "no value" : exact(+error.toPrecision(3))} · ${where.textContent}`;
  };

  let axisTicks = [];
  const axis = document.getElementById("axis"), box = document.getElementById("window"), where = document.getElementById("where");
  const drawAll = () => {
    axisTicks = timeTicks(Math.max(3, Math.floor(axis.clientWidth / 110)));
    axis.replaceChildren(...axisTicks.map(([row, text]) => {
      const tick = document.createElement("span");
      tick.textContent = text;
      tick.style.left = (row - view.from) / (view.to - view.from) * 100 + "%";
      return tick;
    }).filter((tick) => { const p = parseFloat(tick.style.left); return p >= 0 && p <= 100; }));
    box.style.left = view.from / rows * 100 + "%";
    box.style.width = (view.to - view.from) / rows * 100 + "%";
    const full = view.from <= 0 && view.to >= rows;
    box.style.visibility = full ? "hidden" : "visible";
    for (const id of ["whole", "earlier", "later", "wider"]) document.getElementById(id).disabled = full;
    plots.forEach((_, k) => draw(k));
    for (const heat of maps) heat.svg.setAttribute("viewBox", `${view.from / heat.width} 0 ${(view.to - view.from) / heat.width} ${heat.lines.length}`);
    point(cursor);
  };
  const show = (from, to) => {
    let size = Math.min(rows, Math.max(to - from, 8 * width));
    const centre = (from + to) / 2;
    from = Math.min(Math.max(0, centre - size / 2), rows - size);
    view = { from, to: from + size };
    cursor = null;
    drawAll();
  };

  // Read-out.
  const exact = (v) => v === 0 || (Math.abs(v) >= 1e-4 && Math.abs(v) < 1e7) ? String(+v.toPrecision(6)) : v.toExponential(3);
  const point = (bin) => {
    cursor = bin;
    const row = bin === null ? null : middle(bin);
    if (bin === null) {
      const last = Math.min(bins - 1, Math.ceil(view.to / width) - 1);
      where.textContent = `${stamp(Math.max(0, Math.floor(view.from / width)))} to ${stamp(Math.max(0, last))}`;
    } else {
      where.textContent = `${stamp(bin)} · tick ${bin * width}${width > 1 ? "–" + (Math.min((bin + 1) * width, rows) - 1) : ""}`;
    }
    for (const heat of maps) pointHeat(heat, row);
    plots.forEach((plot, k) => {
      const s = series[k], svg = plot.querySelector("svg"), line = svg.querySelector(".cursor"), output = plot.querySelector("output");
      const noun = s.isScore ? "score" : "value";
      if (bin === null || !line) { if (line) line.removeAttribute("d"); output.textContent = ""; return; }
      const columns = svg.viewBox.baseVal.width;
      const x = number((row - view.from) / (view.to - view.from) * columns);
      line.setAttribute("d", `M${x},0V${HEIGHT}`);
      const first = bin * width, last = first + width - 1, parts = [];
      if (isNaN(s.low[bin])) parts.push("no " + noun);
      else parts.push(s.low[bin] === s.high[bin] ? `${noun} ${exact(s.low[bin])}` : `${noun}s ${exact(s.low[bin])} to ${exact(s.high[bin])}`);
      if (!isNaN(s.expected[bin])) parts.push(`expected ${exact(s.expected[bin])}`);
      if (!s.isScore && !isNaN(s.score[bin])) parts.push(`score ${exact(+s.score[bin].toPrecision(3))}`);
      if (!isNaN(s.threshold[bin])) parts.push(`threshold ${exact(+s.threshold[bin].toPrecision(3))}`);
      for (const name of new Set(s.runs.filter((r) => r[0] <= last && r[1] >= first).map((r) => r[2]))) parts.push(name.replace(/_/g, " "));
      output.textContent = parts.join(" · ");
    });
  };

  // Pointer and keys.
  const rowAt = (element, event, range) => {
    const edge = element.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - edge.left) / edge.width));
    return range.from + share * (range.to - range.from);
  };
  const binOf = (row) => Math.min(bins - 1, Math.max(0, Math.floor(row / width)));
  const draggable = (element, range, marks) => {
    let start = null;
    element.addEventListener("pointerdown", (event) => {
      if (event.button === 0) start = rowAt(element, event, range());
    });
    element.addEventListener("pointermove", (event) => {
      const row = rowAt(element, event, range());
      if (start !== null && event.buttons) {
        element.setPointerCapture(event.pointerId);
        marks(start, row);
      }
      point(binOf(row));
    });
    element.addEventListener("pointerup", (event) => {
      const row = rowAt(element, event, range()), { from, to } = range(), begin = start;
      start = null;
      marks(null);
      if (begin !== null && Math.abs(row - begin) > (to - from) / 100) show(Math.min(begin, row), Math.max(begin, row));
      else point(binOf(row));
    });
    element.addEventListener("pointercancel", () => { start = null; marks(null); });
    element.addEventListener("pointerleave", (event) => {
      // A finger that is lifted leaves: what it pointed at is still to be read.
      if (start === null && event.pointerType !== "touch") point(null);
    });
    element.addEventListener("dblclick", () => show(0, rows));
  };
  const dragged = (a, b) => plots.forEach((plot) => {
    const drag = plot.querySelector(".drag"), columns = plot.querySelector("svg").viewBox.baseVal.width;
    if (!drag) return;
    if (a === null) { drag.removeAttribute("d"); return; }
    const place = (row) => number((row - view.from) / (view.to - view.from) * columns);
    drag.setAttribute("d", `M${place(a)},0H${place(b)}V${HEIGHT}H${place(a)}Z`);
  });
  for (const heat of maps) {
    heat.svg.addEventListener("pointermove", (event) => {
      const edge = heat.svg.getBoundingClientRect();
      heat.line = Math.floor((event.clientY - edge.top) / edge.height * heat.lines.length);
    });
    heat.svg.addEventListener("pointerleave", () => { heat.line = null; });
    draggable(heat.svg, () => view, dragged);
  }
  if (log) log.addEventListener("change", drawAll);
  plots.forEach((plot) => {
    const svg = plot.querySelector("svg");
    draggable(svg, () => view, dragged);
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) {
        const from = cursor === null ? binOf((view.from + view.to) / 2) : cursor + step;
        point(Math.min(binOf(view.to - 1e-6), Math.max(binOf(view.from), from)));
        event.preventDefault();
      } else if (event.key === "Escape") show(0, rows);
    });
  });
  const overview = document.querySelector(".overview svg");
  draggable(overview, () => whole, (a, b) => {
    if (a === null) { drawAll(); return; }
    box.style.visibility = "visible";
    box.style.left = Math.min(a, b) / rows * 100 + "%";
    box.style.width = Math.abs(b - a) / rows * 100 + "%";
  });
  const press = (id, act) => document.getElementById(id).addEventListener("click", () => act(view.to - view.from));
  press("whole", () => show(0, rows));
  press("earlier", (size) => show(view.from - size / 2, view.to - size / 2));
  press("later", (size) => show(view.from + size / 2, view.to + size / 2));
  press("closer", (size) => show(view.from + size / 4, view.to - size / 4));
  press("wider", (size) => show(view.from - size / 2, view.to + size / 2));

  // Events.
  const events = [...document.querySelectorAll(".events tbody tr")];
  events.forEach((event) => event.addEventListener("click", ({ target: clicked }) => {
    if (getSelection().toString() || clicked.closest("details")) return;
    events.forEach((other) => other.classList.toggle("chosen", other === event));
    const first = +event.dataset.first, last = +event.dataset.last + 1;
    const indices = event.dataset.variables.split(" ");
    const involved = plots.filter((plot, k) => {
      const yes = indices.includes(String(k));
      plot.classList.toggle("involved", yes);
      return yes;
    });
    const margin = Math.max(40 * width, 1.5 * (last - first));
    show(first - margin, last + margin);
    const bar = document.querySelector(".axis-bar"), target = involved[0] || plots[0];
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    scrollTo({ top: target.getBoundingClientRect().top + scrollY - bar.offsetHeight - 12, behavior: calm ? "auto" : "smooth" });
  }));

  // The list of variables without a plot.
  const search = document.getElementById("search");
  if (search) {
    const lines = [...document.querySelectorAll(".others tbody tr")], matches = document.getElementById("matches");
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/);
      for (const line of lines) line.hidden = !words.every((word) => line.textContent.toLowerCase().includes(word));
      matches.textContent = `${lines.filter((line) => !line.hidden).length} of ${lines.length}`;
    });
  }

  let pending = 0;
  new ResizeObserver(() => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(drawAll);
  }).observe(axis);
  drawAll();
})();
