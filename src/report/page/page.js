"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const colours = {
    network: "network", law: "law", truth: "truth", "predicting zero": "zero", train: "c1", validation: "c2",
    "component 1": "c1", "component 2": "c2", "component 3": "c3", equal: "soft", chosen: "law",
  };
  const runs = ["c1", "c2", "c3", "b4", "b5", "b6", "b7", "b8"];
  const colour = (name, index) => `var(--${Object.hasOwn(colours, name) ? colours[name] : name ? runs[index % runs.length] : "ink"})`;
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };

  // Numbers -------------------------------------------------------------------------------------------------------------
  const raised = text => [...String(text)].map(c => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]).join("");
  const short = value => {
    if (value === null || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size === 0 || (size >= 1e-3 && size < 1e5)) return String(+value.toPrecision(3)).replace("-", "−");
    const [digits, power] = value.toExponential(1).split("e");
    return `${+digits}·10${raised(+power)}`.replace("-", "−");
  };
  const decade = value => {
    const power = Math.round(Math.log10(value));
    if (Math.abs(Math.log10(value) - power) > 1e-9) return short(value);
    return power >= -2 && power <= 3 ? String(+value.toPrecision(1)) : `10${raised(power)}`;
  };

  // Charts --------------------------------------------------------------------------------------------------------------
  const isLog = axis => axis.scale === "log";
  const namesOf = axis => axis.scale.names;
  const fits = (axis, value) => value !== null && Number.isFinite(value) && (!isLog(axis) || value > 0);

  /// Ticks of a logarithmic axis: whole decades, few enough to be read.
  const ticks = (low, high, most) => {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const step = Math.max(1, Math.ceil((last - first) / most));
    const whole = d3.range(first, last + 1, step).map(power => 10 ** power);
    if (whole.length > 2) return whole;
    const fine = d3.range(first - 1, last + 1).flatMap(power => [1, 2, 5].map(digit => digit * 10 ** power));
    return fine.filter(value => value >= low && value <= high);
  };

  const axis = (of, values, most) => {
    const label = of.label || null;
    if (namesOf(of)) return { type: "point", domain: namesOf(of), label: null, padding: .6 };
    const options = { label, grid: true, nice: true, labelArrow: "none" };
    if (!isLog(of)) {
      // Things that are counted have no halves.
      const counted = values.every(Number.isInteger);
      const [low, high] = d3.extent(values);
      return counted && low < high
        ? { ...options, nice: false, ticks: d3.ticks(low, high, most).filter(Number.isInteger), tickFormat: short }
        : { ...options, ticks: most, tickFormat: short };
    }
    const [low, high] = d3.extent(values);
    return { ...options, nice: false, type: "log", domain: [low / 1.5, high * 1.5], ticks: ticks(low / 1.5, high * 1.5, most), tickFormat: decade };
  };

  const legend = series => {
    const shown = series.filter(one => one.name && one.points.length);
    if (shown.length < 2 && !shown.some(one => one.mark === "ring")) return "";
    return element("ul", { class: "legend", "aria-hidden": "true" }, ...shown.map(one => {
      const mark = {
        line: `<line x1="1" x2="21" y1="7" y2="7" stroke-width="2.5"/>`,
        dashed: `<line x1="1" x2="21" y1="7" y2="7" stroke-width="2" stroke-dasharray="5 4"/>`,
        dots: `<circle cx="11" cy="7" r="4" fill="${one.colour}" stroke="none"/>`,
        ring: `<circle cx="11" cy="7" r="5" stroke-width="2"/>`,
      }[one.mark];
      const item = element("li");
      item.innerHTML = `<svg width="22" height="14" fill="none" stroke="${one.colour}">${mark}</svg>`;
      item.append(one.name);
      return item;
    }));
  };

  const draw = (chart, width) => {
    const names = namesOf(chart.y);
    const narrow = width < 520;
    const series = chart.series.map((one, index) => ({
      ...one,
      colour: colour(one.name, index),
      points: one.points
        .map(([x, y], place) => ({ x, y: names ? names[y] : y, at: y, name: one.name, note: one.notes?.[place] }))
        .filter(point => fits(chart.x, point.x) && (names || fits(chart.y, point.at))),
    }));
    const all = series.flatMap(one => one.points);
    if (!all.length) return element("p", {}, "There is nothing to draw.");
    const say = point => point.note
      ?? [point.name, `${chart.x.label} ${short(point.x)}`, names ? point.y : `${chart.y.label} ${short(point.y)}`].filter(Boolean).join("\n");
    const marks = series.flatMap(one => {
      const place = { x: "x", y: "y" };
      const few = one.points.length <= 40;
      switch (one.mark) {
        case "line": return [
          Plot.line(one.points, { ...place, stroke: one.colour, strokeWidth: 2 }),
          ...(few && one.points.length > 2 ? [Plot.dot(one.points, { ...place, fill: one.colour, r: 3.2 })] : []),
        ];
        case "dashed": return [Plot.line(one.points, { ...place, stroke: one.colour, strokeWidth: 1.75, strokeDasharray: "5 4" })];
        case "ring": return [Plot.dot(one.points, { ...place, stroke: one.colour, r: 9, strokeWidth: 2 })];
        default: return [Plot.dot(one.points, names
          ? { ...place, fill: one.colour, r: 6.5 }
          : { ...place, fill: one.colour, fillOpacity: few ? .9 : .38, r: narrow ? 1.7 : 2.1 })];
      }
    });
    const square = chart.series.some(one => one.name === "equal");
    const wide = square ? Math.min(width, 480) : width;
    const height = names ? 60 + 46 * names.length : square ? wide * .92 : Math.min(380, Math.max(250, width * .5));
    const lines = !names && series.every(one => one.mark !== "dots") && series.some(one => one.points.length > 12);
    const tip = (lines ? Plot.pointerX : Plot.pointer)({ x: "x", y: "y", title: say, fill: "var(--surface)", stroke: "var(--soft)", fontSize: 12.5, lineHeight: 1.35, maxRadius: lines ? Infinity : 30 });
    return Plot.plot({
      width: wide, height,
      marginLeft: names ? (narrow ? 128 : 170) : 56, marginRight: 18, marginBottom: 44, marginTop: 26,
      style: { fontSize: "12.5px", background: "transparent", overflow: "visible" },
      x: { ...axis(chart.x, all.map(point => point.x), narrow ? 4 : 8), labelAnchor: "center", labelOffset: 40 },
      y: { ...axis(chart.y, all.map(point => point.at), 6), ...(names ? { tickSize: 0 } : {}) },
      marks: [
        names ? Plot.ruleY(names, { stroke: "var(--line)" }) : null,
        ...marks,
        Plot.tip(all, tip),
      ],
    });
  };

  /// Draws again whenever the host's width changes.
  const responsive = (host, make) => {
    let last = 0;
    const redraw = () => {
      const width = Math.floor(host.clientWidth);
      if (width && width !== last) {
        last = width;
        host.replaceChildren(...[make(width)].flat().filter(Boolean));
      }
    };
    new ResizeObserver(redraw).observe(host);
    redraw();
  };

  // Pictures to take along ----------------------------------------------------------------------------------------------
  const WRITTEN = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "font-family", "font-size", "font-weight", "text-anchor"];

  /// A chart as it is drawn now, as one SVG with its colours written out.
  const pictured = host => {
    const drawn = host.querySelector("svg"), copy = drawn.cloneNode(true);
    const parts = [copy, ...copy.querySelectorAll("*")];
    [drawn, ...drawn.querySelectorAll("*")].forEach((one, index) => {
      const style = getComputedStyle(one);
      for (const name of WRITTEN) parts[index].style.setProperty(name, style.getPropertyValue(name));
    });
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.style.background = getComputedStyle(document.body).backgroundColor;
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  };

  const painted = async (host, scale) => {
    const { width, height } = host.querySelector("svg").getBoundingClientRect();
    const image = element("img", { src: pictured(host) });
    await image.decode();
    const canvas = element("canvas", { width: width * scale, height: height * scale });
    canvas.getContext("2d").drawImage(image, 0, 0, width * scale, height * scale);
    return canvas.toDataURL("image/png");
  };

  const savers = (name, host) => {
    const saver = (ending, make) => {
      const button = element("button", { type: "button", "aria-label": `Save ${name} as ${ending.toUpperCase()}` }, ending.toUpperCase());
      button.addEventListener("click", async () => element("a", { download: `${name}.${ending}`, href: await make() }).click());
      return button;
    };
    return element("div", { class: "controls save" }, saver("svg", () => pictured(host)), saver("png", () => painted(host, 2)));
  };

  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const chart = data.charts[figure.dataset.chart];
    const host = figure.querySelector(".plot");
    const coloured = chart.series.map((one, index) => ({ ...one, colour: colour(one.name, index) }));
    const key = legend(coloured);
    if (key) host.before(key);
    responsive(host, width => draw(chart, width));
    host.after(savers(figure.dataset.chart, host));
  }

  // Time ----------------------------------------------------------------------------------------------------------------
  /// A button and a slider over frames; `show` draws one. Plays `rate` frames a second.
  const player = (length, label, rate, show) => {
    const button = element("button", { type: "button" }, "Play");
    const slider = element("input", { type: "range", min: 0, max: length - 1, step: "any", value: length - 1, "aria-label": label });
    const output = element("output");
    let playing = false, before = 0;
    const set = frame => {
      slider.value = frame;
      const said = show(frame);
      output.textContent = said;
      slider.setAttribute("aria-valuetext", said);
    };
    const tick = now => {
      if (!playing) return;
      const next = +slider.value + Math.min(now - before, 100) * rate / 1000;
      before = now;
      set(next >= length - 1 ? length - 1 : next);
      if (next >= length - 1) stop(); else requestAnimationFrame(tick);
    };
    const stop = () => { playing = false; button.textContent = "Play"; };
    const play = () => {
      if (playing) return;
      if (+slider.value >= length - 1) set(0);
      playing = true; before = performance.now(); button.textContent = "Pause";
      requestAnimationFrame(tick);
    };
    button.addEventListener("click", () => playing ? stop() : play());
    slider.addEventListener("input", () => { stop(); set(+slider.value); });
    slider.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!step) return;
      event.preventDefault(); stop();
      set(Math.max(0, Math.min(length - 1, Math.round(+slider.value) + step)));
    });
    return { controls: [button, slider, output], set, play, stop, again: () => set(+slider.value) };
  };

  // Messages while the network trains -----------------------------------------------------------------------------------
  for (const figure of document.querySelectorAll("figure[data-film]")) {
    const { frames } = data.films[figure.dataset.film];
    const host = figure.querySelector(".plot");
    host.removeAttribute("role");
    const has = frames.some(frame => frame.messages.length);
    const [left, right] = [element("div"), element("div")];
    const pair = element("div", { class: "pair" }, left, ...(has ? [right] : []));
    const highest = d3.max(frames, frame => d3.max(frame.deviations));
    const most = d3.max(frames, frame => frame.deviations.length);
    const sizes = frames.flatMap(frame => frame.messages.map(point => Math.abs(point[3]))).sort(d3.ascending);
    const limit = d3.quantileSorted(sizes, .98) || 1;
    let truth = 1, frame = frames[frames.length - 1];
    const bars = width => Plot.plot({
      width, height: Math.min(300, width * .75), marginLeft: 52, marginBottom: 44, marginTop: 26,
      style: { fontSize: "12.5px", background: "transparent" },
      ariaLabel: `Deviation of message components after epoch ${frame.epoch}`,
      x: { domain: [.5, most + .5], label: "component, the largest first", labelAnchor: "center", labelArrow: "none", labelOffset: 40, ticks: 6, tickFormat: short },
      y: { domain: [0, highest], label: "standard deviation", grid: true, labelArrow: "none", tickFormat: short, ticks: 5 },
      marks: [
        Plot.rectY(frame.deviations, { x1: (_, k) => k + .6, x2: (_, k) => k + 1.4, y: value => value, fill: "var(--network)", fillOpacity: .85, rx: 1 }),
        Plot.tip(frame.deviations, Plot.pointerX({ x: (_, k) => k + 1, y: value => value, title: (value, k) => `component ${k + 1}\n${short(value)}`, fill: "var(--surface)", fontSize: 12.5 })),
      ],
    });
    const cloud = width => Plot.plot({
      width, height: Math.min(300, width * .75), marginLeft: 52, marginBottom: 44, marginTop: 26,
      style: { fontSize: "12.5px", background: "transparent" },
      ariaLabel: `Leading messages against the truth after epoch ${frame.epoch}`,
      x: { domain: [-limit, limit], label: `linear function of the true ${truth === 1 ? "force" : "acceleration"}`, labelAnchor: "center", labelArrow: "none", labelOffset: 40, grid: true, ticks: 5, clamp: false },
      y: { domain: [-limit, limit], label: "message", grid: true, labelArrow: "none", ticks: 5 },
      marks: [
        Plot.line([[-limit, -limit], [limit, limit]], { stroke: "var(--soft)", strokeDasharray: "5 4" }),
        Plot.dot(frame.messages.filter(point => Math.abs(point[3]) <= limit && Math.abs(point[truth]) <= limit),
          { x: point => point[truth], y: point => point[3], fill: point => `var(--c${point[0]})`, fillOpacity: .6, r: 2.3 }),
      ],
    });
    const redraw = () => {
      for (const [host, make] of [[left, bars], [right, cloud]]) {
        const width = Math.floor(host.clientWidth);
        if (width) host.replaceChildren(make(width));
      }
    };
    const time = player(frames.length, "Epoch", 6, at => {
      frame = frames[Math.round(at)];
      redraw();
      return `epoch ${frame.epoch}`;
    });
    const choices = ["force", "acceleration"].map((name, index) => {
      const button = element("button", { type: "button", "aria-pressed": index === 0 }, name);
      button.addEventListener("click", () => {
        truth = index + 1;
        choices.forEach((one, at) => one.setAttribute("aria-pressed", at === index));
        redraw();
      });
      return button;
    });
    const controls = element("div", { class: "controls" }, ...time.controls);
    if (has) controls.append(element("span", { class: "choice", role: "group", "aria-label": "Compare messages with the true" }, ...choices));
    host.append(controls, pair);
    new ResizeObserver(redraw).observe(pair);
    time.set(frames.length - 1);
  }

  // Bodies in motion ----------------------------------------------------------------------------------------------------
  for (const figure of document.querySelectorAll("figure[data-motion]")) {
    const motion = data.motions[figure.dataset.motion];
    const { space, bodies, times } = motion;
    const host = figure.querySelector(".plot");
    host.removeAttribute("role");
    const length = times.length;
    let run = motion.runs[0], frame = length - 1, turn = .7, palette = {};
    const sides = ["truth", "network", "law"].map(name => {
      const word = name === "truth" ? motion.reference : name;
      const canvas = element("canvas", { role: "img", "aria-label": `Bodies moving by the ${word}` });
      const far = element("span");
      const panel = element("div", { class: `panel ${name}` }, canvas, element("p", {}, element("b", {}, word), far));
      return { name, canvas, far, panel };
    });

    /// Position of a body at a broken frame number, along a smooth curve through the stored ones.
    const place = (flat, body, at) => {
      const k = Math.min(Math.floor(at), length - 2), s = at - k;
      const value = (index, c) => flat[(Math.max(0, Math.min(length - 1, index)) * bodies + body) * space + c];
      return d3.range(space).map(c => {
        const [a, b, d, e] = [value(k - 1, c), value(k, c), value(k + 1, c), value(k + 2, c)];
        if ([a, b, d, e].includes(null)) return s < .5 ? b : d;
        return b + .5 * s * (d - a + s * (2 * a - 5 * b + 4 * d - e + s * (3 * (b - d) + e - a)));
      });
    };
    let view = { middle: [0, 0, 0], half: 1 };
    const look = () => {
      const spans = d3.range(space).map(c => d3.extent(run.truth.filter((_, index) => index % space === c)));
      const half = d3.max(spans, ([low, high]) => (high - low) / 2) * (space > 2 ? 1.3 : 1.15) || 1;
      view = { middle: spans.map(([low, high]) => (low + high) / 2), half };
    };
    const project = (point, size) => {
      let [x, y, z] = point.map((value, c) => value - view.middle[c]);
      if (space === 1) y = 0;
      let depth = 0;
      if (space > 2) {
        const [s, c] = [Math.sin(turn), Math.cos(turn)];
        [x, z] = [c * x + s * z, c * z - s * x];
        [y, depth] = [.94 * y - .34 * z, .34 * y + .94 * z];
      }
      const scale = size / 2 / view.half;
      return [size / 2 + x * scale, size / 2 - y * scale, depth / view.half];
    };
    const trail = (context, flat, body, size, tint, width, strength) => {
      const tail = Math.max(0, frame - 48);
      const steps = 24;
      for (let k = 0; k < steps; k++) {
        const [from, to] = [tail + (frame - tail) * k / steps, tail + (frame - tail) * (k + 1) / steps];
        context.beginPath();
        for (const at of [from, (from + to) / 2, to]) {
          const point = place(flat, body, at);
          if (point.includes(null)) return;
          const [x, y] = project(point, size);
          if (at === from) context.moveTo(x, y); else context.lineTo(x, y);
        }
        context.globalAlpha = strength * ((k + 1) / steps) ** 1.5;
        context.strokeStyle = tint; context.lineWidth = width; context.lineCap = "butt";
        context.stroke();
      }
      context.globalAlpha = 1;
    };
    const paint = () => {
      for (const { name, canvas, far } of sides) {
        const size = canvas.clientWidth, ratio = devicePixelRatio || 1;
        if (!size || !run[name]) continue;
        if (canvas.width !== Math.round(size * ratio)) canvas.width = canvas.height = Math.round(size * ratio);
        const context = canvas.getContext("2d");
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.clearRect(0, 0, size, size);
        if (name !== "truth") for (let body = 0; body < bodies; body++) {
          trail(context, run.truth, body, size, palette.ghost, 1, .8);
          const [x, y] = project(place(run.truth, body, frame), size);
          context.beginPath(); context.arc(x, y, 7, 0, 2 * Math.PI);
          context.strokeStyle = palette.ghost; context.lineWidth = 1.25; context.stroke();
        }
        for (let body = 0; body < bodies; body++) {
          const tint = palette.bodies[body % 8];
          trail(context, run[name], body, size, tint, 2.25, .85);
          const point = place(run[name], body, frame);
          if (point.includes(null)) continue;
          const [x, y, depth] = project(point, size);
          context.beginPath(); context.arc(x, y, 4.5 - depth * .9, 0, 2 * Math.PI);
          context.fillStyle = tint; context.fill();
        }
        const apart = run.apart?.[name]?.[Math.round(frame)];
        far.textContent = name === "truth" ? "" : `off by ${short(apart ?? null)}`;
      }
    };
    const tints = () => {
      palette = { ghost: style("zero"), bodies: d3.range(1, 9).map(k => style(`b${k}`)) };
      paint();
    };
    const time = player(length, "Time", length / 9, at => {
      frame = at;
      if (space > 2) turn = .7 + at * .008;
      paint();
      return `t = ${short(times[Math.round(at)])}`;
    });
    const controls = element("div", { class: "controls" }, ...time.controls);
    if (motion.runs.length > 1) {
      const select = element("select", { "aria-label": "Run" }, ...motion.runs.map((one, index) => element("option", { value: index }, `run ${one.run}`)));
      select.addEventListener("change", () => { run = motion.runs[+select.value]; look(); paint(); });
      controls.append(select);
    }
    host.append(element("div", { class: "panels" }, ...sides.map(side => side.panel)), controls);
    look();
    tints();
    time.set(length - 1);
    new ResizeObserver(paint).observe(host);
    addEventListener("themechange", tints);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tints);
    addEventListener("beforeprint", () => { time.stop(); time.set(length - 1); tints(); });
    if (!calm) {
      let seen = false;
      new IntersectionObserver(([entry]) => {
        if (!entry.isIntersecting) time.stop();
        else if (!seen) { seen = true; time.play(); }
      }, { threshold: .6 }).observe(figure);
    }
  }

  // Colours and contents ------------------------------------------------------------------------------------------------
  const theme = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  const keep = value => { try { if (value) localStorage.setItem("theme", value); return localStorage.getItem("theme"); } catch { return null; } };
  const wear = name => {
    if (name === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = name;
    theme.setAttribute("aria-label", `Colours: ${name === "auto" ? "as the system" : name}`);
    theme.title = theme.getAttribute("aria-label");
    theme.textContent = { auto: "◐", light: "○", dark: "●" }[name];
    dispatchEvent(new Event("themechange"));
  };
  let worn = themes.includes(keep()) ? keep() : "auto";
  wear(worn);
  theme.addEventListener("click", () => { worn = themes[(themes.indexOf(worn) + 1) % 3]; keep(worn); wear(worn); });

  const links = new Map([...document.querySelectorAll("nav a")].map(link => [link.hash.slice(1), link]));
  const spy = new IntersectionObserver(entries => entries.forEach(({ target, isIntersecting }) => {
    const link = links.get(target.id);
    if (isIntersecting) link?.setAttribute("aria-current", "true"); else link?.removeAttribute("aria-current");
  }), { rootMargin: "-20% 0px -70% 0px" });
  document.querySelectorAll("section[id]").forEach(section => spy.observe(section));
})();
