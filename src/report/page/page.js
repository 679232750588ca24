// What a reader can do with the page: sort, search and turn tables; zoom charts and read their
// values. Without it the page shows the same numbers in tables and pictures.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const make = (tag, text, more) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    return Object.assign(made, more);
  };

  // ---- numbers, as the pictures tell them ----
  const UNITS = {
    time: [[172800, 86400, "d"], [7200, 3600, "h"], [120, 60, "min"], [0, 1, "s"]],
    bytes: [[2 ** 50, 2 ** 50, "PiB"], [2 ** 40, 2 ** 40, "TiB"], [2 ** 30, 2 ** 30, "GiB"],
      [2 ** 20, 2 ** 20, "MiB"], [1024, 1024, "KiB"], [0, 1, "B"]],
    ratio: [[0, 0.01, "%"]],
    plain: [[0, 1, ""]],
  };
  const unit = (scale, size) => UNITS[scale].find(([from]) => size >= from);
  const grouped = (value, decimals) => value.toLocaleString("en-US",
    { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  // As many decimals as tell `step` apart.
  const decimals = step => {
    for (let n = 0; n < 12; n++) {
      const scaled = step * 10 ** n;
      if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled)) return n;
    }
    return 12;
  };
  // A value alone: six digits, and a share close to the whole with three of what is missing.
  const told = (scale, value, size) => {
    if (value === null || value === undefined) return "–";
    const [, factor, name] = unit(scale, Math.abs(size === undefined ? value : size));
    const shown = value / factor;
    let digits = 6;
    if (scale === "ratio" && shown > 90 && shown < 100) digits = 4 - Math.floor(Math.log10(100 - shown));
    const text = shown.toLocaleString("en-US", { maximumSignificantDigits: Math.min(17, digits) });
    return name ? `${text} ${name}` : text;
  };
  // A point of time as days and clock, as the stories tell it.
  const clock = seconds => {
    const whole = Math.round(seconds), two = n => String(n).padStart(2, "0");
    const [d, h, m] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
    return `${d}d ${two(h)}:${two(m)}:${two(whole % 60)}`;
  };
  const along = (scale, value) => scale === "time" ? clock(value) : told(scale, value);

  // ---- tables ----
  const PAGE = 100;
  const sorts = table => {
    const body = table.tBodies[0], all = [...body.rows], heads = [...table.tHead.rows[0].cells];
    let order = all, rows = all, page = 0, fits = () => true;
    const turn = make("div", undefined, { className: "turn" });
    const back = make("button", "Previous", { type: "button" });
    const on = make("button", "Next", { type: "button" });
    const where = make("span");
    where.setAttribute("role", "status");
    const show = () => {
      rows = order.filter(fits);
      const from = page * PAGE, to = Math.min(rows.length, from + PAGE);
      body.replaceChildren(...rows.slice(from, to));
      back.disabled = page === 0;
      on.disabled = to >= rows.length;
      where.textContent = rows.length ? `${from + 1} to ${to} of ${rows.length}` : "no row fits";
    };
    const key = (row, place) => {
      const cell = row.cells[place];
      return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
    };
    const before = (a, b) => {
      // Numbers before words, and what says nothing last, whichever way is sorted.
      if (typeof a === "number" && typeof b === "number") return a - b;
      if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
      return a.localeCompare(b, "en", { numeric: true });
    };
    heads.forEach((head, place) => {
      const button = make("button", head.textContent, { type: "button" });
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach(other => other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const keyed = order.map(row => [key(row, place), row]);
        keyed.sort(([a], [b]) => {
          const fixed = typeof a !== typeof b;
          return down && !fixed ? before(b, a) : before(a, b);
        });
        order = keyed.map(([, row]) => row);
        page = 0;
        show();
      });
    });
    if (all.length > 20) {
      const label = make("label", "Find "), input = make("input", undefined, { type: "search" });
      label.append(input);
      const texts = new Map(all.map(row => [row, row.textContent.toLowerCase()]));
      input.addEventListener("input", () => {
        const wanted = input.value.toLowerCase();
        fits = row => texts.get(row).includes(wanted);
        page = 0;
        show();
      });
      turn.append(label);
    }
    if (all.length > PAGE) {
      back.addEventListener("click", () => { page--; show(); });
      on.addEventListener("click", () => { page++; show(); });
      turn.append(back, on);
    }
    if (turn.children.length) {
      turn.append(where);
      table.closest(".table").prepend(turn);
      show();
    }
  };
  document.querySelectorAll("table.sorts").forEach(sorts);

  // ---- charts ----
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = [];
  const FEW = 12;
  const STEPS = {
    time: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400,
      ...[2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].map(n => n * 86400)],
    bytes: Array.from({ length: 60 }, (_, n) => 2 ** n),
  };
  // Where equal ratios are equally far apart, the points themselves are the ticks, as powers of ten may be none.
  const axis = (of, side, points) => Object.assign({
    label: of.what, labelSize: 22, labelFont: "13px system-ui, sans-serif", font: "13px system-ui, sans-serif",
    stroke: () => colour("--quiet"), grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { stroke: () => colour("--line"), width: 1, size: 6 }, size: side ? (u, texts) => 18 + 7.6 * Math.max(4, ...(texts || []).map(text => text.length)) : 28, space: side ? 36 : 56,
    values: (u, splits) => {
      const least = of.scale === "time" && splits.length > 1 ? Math.abs(splits.at(-1)) : 0;
      const [, factor, name] = unit(of.scale, Math.max(least, ...splits.map(Math.abs)));
      const step = splits.length > 1 ? (splits[1] - splits[0]) / factor : 1;
      return splits.map(value => value === null ? "" : `${grouped(value / factor, decimals(step))}${name ? " " + name : ""}`);
    },
  }, STEPS[of.scale] ? { incrs: STEPS[of.scale] } : {}, points ? {
    splits: u => points.filter(x => x >= u.scales.x.min && x <= u.scales.x.max), filter: (u, splits) => splits,
    values: (u, splits) => splits.map(value => along(of.scale, value)),
  } : {});

  const stacked = chart => {
    const tops = [];
    let below = chart.xs.map(() => 0);
    chart.lines.forEach(line => {
      below = below.map((sum, place) => sum + (line.hidden ? 0 : line.y[place] || 0));
      tops.push(below);
    });
    return tops;
  };
  // The columns that are drawn. Stacks are drawn from the top one down, each hiding what lies below.
  const columns = chart => {
    if (chart.form === "stacked") return [chart.xs, ...stacked(chart).reverse()];
    return [chart.xs, ...chart.lines.flatMap(line => line.low ? [line.y, line.low, line.high] : [line.y])];
  };

  const build = holder => {
    const chart = data.charts[Number(holder.dataset.chart)], figure = holder.closest("figure");
    const stack = chart.form === "stacked", series = [{}], bands = [];
    const lone = chart.xs.length <= 60;
    const paint = place => data.colours[place % data.colours.length];
    const order = chart.lines.map((_, place) => place);
    (stack ? order.slice().reverse() : order).forEach(place => {
      const line = chart.lines[place];
      line.series = series.length;
      series.push({ stroke: paint(place), width: stack ? 1 : 2, fill: stack ? paint(place) : undefined, points: { show: lone && !stack, size: 6, fill: paint(place) } });
      if (line.low && !stack) {
        const edge = { stroke: "transparent", width: 0, points: { show: false } };
        bands.push({ series: [series.length + 1, series.length], fill: () => paint(place) + (scheme.matches ? (chart.lines.length > 2 ? "48" : "6b") : "3d") });
        series.push(edge, { ...edge });
      }
    });
    const levels = chart.levels.map(level => level.at);
    const ends = [chart.xs[0], chart.xs[chart.xs.length - 1]];
    // The first cell of a run has its middle a little after the begin.
    if (chart.x.scale === "time" && !chart.x.log && ends[0] > 0 && ends[0] < 0.03 * ends[1]) ends[0] = 0;
    if (ends[0] === ends[1]) { ends[0] -= Math.abs(ends[0]) / 2 || 1; ends[1] += Math.abs(ends[1]) / 2 || 1; }
    const high = (u, min, max) => {
      const all = [min, max, ...levels].filter(value => value !== null && isFinite(value));
      if (chart.form !== "apart") all.push(0);
      // Intervals that are computed reach below zero or beyond the whole where no value does.
      const values = chart.lines.flatMap(line => line.y.filter(y => y !== null));
      const within = y => Math.min(chart.y.scale === "ratio" && values.every(y => y <= 1) ? 1 : Infinity, Math.max(values.every(y => y >= 0) ? 0 : -Infinity, y));
      const [least, most] = all.length ? [within(Math.min(...all)), within(Math.max(...all))] : [0, 1];
      if (chart.y.log) return [least / 1.1, most * 1.1];
      const room = (most - least) * 0.05 || Math.abs(most) / 2 || 1;
      return [least === 0 ? 0 : least - room, most + room];
    };
    const marks = u => {
      const { ctx, bbox } = u, ratio = devicePixelRatio;
      ctx.save();
      ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
      ctx.strokeStyle = ctx.fillStyle = colour("--ink");
      ctx.lineWidth = 1.5 * ratio; ctx.setLineDash([6 * ratio, 4 * ratio]);
      ctx.font = `${13 * ratio}px system-ui, sans-serif`;
      chart.levels.forEach(level => {
        const y = u.valToPos(level.at, "y", true);
        ctx.beginPath(); ctx.moveTo(bbox.left, y); ctx.lineTo(bbox.left + bbox.width, y); ctx.stroke();
        ctx.fillText(level.name, bbox.left + 6 * ratio, y - 5 * ratio);
      });
      ctx.restore();
    };
    const shades = u => {
      const { ctx, bbox } = u;
      ctx.save();
      ctx.globalAlpha = 0.25; ctx.fillStyle = colour("--shade");
      ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
      chart.shaded.forEach(([from, to]) => {
        const left = u.valToPos(from, "x", true);
        ctx.fillRect(left, bbox.top, Math.max(1, u.valToPos(to, "x", true) - left), bbox.height);
      });
      ctx.restore();
    };

    const plot = make("div", undefined, { className: "plot", tabIndex: 0 });
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", `${figure.querySelector("h3").textContent}. ${figure.querySelector("figcaption").textContent} Arrow keys read values, plus and minus zoom, 0 shows all.`);
    const reset = make("button", "Show all", { type: "button", className: "reset", hidden: true });
    const where = make("p", "", { className: "where" }), spoken = make("p", "", { className: "hidden" });
    spoken.setAttribute("aria-live", "polite");
    const list = make("ul", undefined, { className: "tools" });
    const size = () => ({ width: Math.max(240, holder.clientWidth), height: holder.clientWidth < 500 ? 260 : 320 });
    const at = (line, place) => {
      const value = told(chart.y.scale, line.y[place]);
      const between = line.low && line.low[place] !== null && line.low[place] !== undefined;
      return between ? `${value} (${told(chart.y.scale, line.low[place])} to ${told(chart.y.scale, line.high[place])})` : value;
    };
    const read = u => {
      const place = u.cursor.idx;
      const none = place === null || place === undefined;
      where.textContent = none ? "" : `${chart.x.what}: ${along(chart.x.scale, chart.xs[place])}`;
      chart.lines.forEach(line => { line.output.textContent = none ? "" : at(line, place); });
    };
    const u = new uPlot({
      ...size(), series, bands, legend: { show: false },
      scales: { x: { time: false, distr: chart.x.log ? 3 : 1, range: (u, min, max) => min === max || min === null ? ends : [min === chart.xs[0] ? ends[0] : min, max] }, y: { distr: chart.y.log ? 3 : 1, range: high } },
      axes: [axis(chart.x, false, chart.x.log && chart.xs.length <= FEW ? chart.xs : null), axis(chart.y, true)],
      cursor: { y: false, points: { show: !stack }, drag: { x: true, y: false } },
      hooks: {
        drawClear: [shades], draw: [marks], setCursor: [read],
        setScale: [(u, key) => { if (key === "x") reset.hidden = u.scales.x.min <= ends[0] && u.scales.x.max >= ends[1]; }],
      },
    }, columns(chart), plot);
    const zoom = (from, to) => u.setScale("x", { min: Math.max(ends[0], from), max: Math.min(ends[1], to) });
    const whole = () => zoom(...ends);
    reset.addEventListener("click", () => { whole(); plot.focus(); });
    plot.append(reset);

    chart.lines.forEach((line, place) => {
      const item = make("li"), button = make("button", undefined, { type: "button" }), patch = make("i");
      patch.style.background = paint(place);
      line.output = make("output");
      button.append(patch, make("bdi", line.name));
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        line.hidden = !line.hidden;
        button.setAttribute("aria-pressed", String(!line.hidden));
        if (stack) u.setData(columns(chart));
        else for (let n = 0; n < (line.low ? 3 : 1); n++) u.setSeries(line.series + n, { show: !line.hidden });
      });
      item.append(button, line.output);
      list.append(item);
    });

    plot.addEventListener("keydown", event => {
      const [min, max] = [u.scales.x.min, u.scales.x.max], part = (max - min) / 4;
      const first = chart.xs.findIndex(x => x >= min), last = chart.xs.findLastIndex(x => x <= max);
      const now = u.cursor.idx;
      const go = place => {
        const to = Math.min(last, Math.max(first, place));
        u.setCursor({ left: u.valToPos(chart.xs[to], "x"), top: u.over.clientHeight / 2 });
        spoken.textContent = [where.textContent, ...chart.lines.filter(line => !line.hidden).map(line => `${line.name} ${line.output.textContent}`)].join("; ");
      };
      const none = now === null || now === undefined;
      const keys = {
        ArrowRight: () => go(none ? first : now + 1), ArrowLeft: () => go(none ? last : now - 1),
        Home: () => go(first), End: () => go(last),
        "+": () => zoom(min + part, max - part), "=": () => zoom(min + part, max - part),
        "-": () => zoom(min - 2 * part, max + 2 * part), "0": whole, Escape: whole,
      };
      if (event.target === plot && keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        keys[event.key]();
      }
    });

    const numbers = make("details"), summary = make("summary", "Numbers");
    numbers.append(summary);
    numbers.addEventListener("toggle", () => {
      if (!numbers.open || numbers.children.length > 1) return;
      const table = make("table", undefined, { className: "sorts" }), head = make("tr"), body = make("tbody");
      [chart.x.what, ...chart.lines.map(line => line.name)].forEach((name, place) => head.append(make("th", name, { scope: "col", className: place ? "n" : "" })));
      chart.xs.forEach((x, place) => {
        const row = make("tr"), first = make("th", along(chart.x.scale, x), { scope: "row" });
        first.dataset.v = x;
        row.append(first, ...chart.lines.map(line => {
          const cell = make("td", at(line, place), { className: "n" });
          if (line.y[place] !== null && line.y[place] !== undefined) cell.dataset.v = line.y[place];
          return cell;
        }));
        body.append(row);
      });
      const top = make("thead"), scroll = make("div", undefined, { className: "scroll", tabIndex: 0 }), outer = make("div", undefined, { className: "table" });
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", "Numbers of the chart");
      top.append(head);
      table.append(top, body);
      scroll.append(table);
      outer.append(scroll);
      numbers.append(outer);
      sorts(table);
    });
    holder.replaceChildren(plot, where, list, spoken);
    figure.append(numbers);
    figure.classList.add("zooms");
    new ResizeObserver(() => { const now = size(); if (now.width !== u.width) u.setSize(now); }).observe(holder);
    drawn.push(u);
  };
  scheme.addEventListener("change", () => drawn.forEach(u => u.redraw(false, true)));

  // The first charts are built at once, the others as they come near; until then, and on paper, their
  // pictures stand for them.
  const near = new IntersectionObserver(seen => seen.filter(one => one.isIntersecting).forEach(one => {
    near.unobserve(one.target);
    build(one.target);
  }), { rootMargin: "800px" });
  document.querySelectorAll("[data-chart]").forEach((holder, place) => place < 4 ? build(holder) : near.observe(holder));
})();
