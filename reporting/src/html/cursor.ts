// A cursor that reads values back from a chart, by mouse, finger or arrow keys.

export const cursorScript = `
/** Points of bands, lines and areas, by the number of their bucket. */
function points(d) {
  const upper = new Map(), lower = new Map();
  for (const run of d.match(/M[^M]+/g) || []) {
    const parts = run.match(/[a-zA-Z]|-?[\\d.]+/g);
    let x = 0, y = 0, into = upper, command = "";
    const put = () => into.set(Math.round(x), y);
    for (let i = 0; i < parts.length; ) {
      if (/[a-zA-Z]/.test(parts[i])) command = parts[i++];
      if (command === "M") { x = +parts[i++]; y = +parts[i++]; if (parts[i] === "h") x += 0.5; put(); }
      else if (command === "l") {
        // A step of several buckets passes through all of them.
        const dx = +parts[i++], dy = +parts[i++], n = Math.abs(dx), x0 = x, y0 = y;
        for (let k = 1; k <= n; k++) { x = x0 + (dx * k) / n; y = y0 + (dy * k) / n; put(); }
      }
      else if (command === "V") { y = +parts[i++]; into = lower; put(); }
      else if (command === "h") i++;
    }
  }
  return { upper, lower };
}
/** Heights of bars by their number. */
const bars = (d) => new Map([...d.matchAll(/M(\\d+) \\d+V(\\d+)/g)].map(([, x, y]) => [+x, +y]));
/** Of a staircase, the height at each of its steps. */
function stairs(d) {
  let x = 0;
  return [...d.matchAll(/h(\\d+)V(\\d+)/g)].map(([, dx, y]) => [(x += +dx), +y]);
}
/** Colour of a cell, as the label of its level. */
function levelAt(marks, column, row) {
  for (const path of marks.querySelectorAll("path"))
    for (const [, x, y, w] of path.getAttribute("d").matchAll(/M(\\d+) (\\d+)h(\\d+)/g))
      if (+y === row && column >= +x && column < +x + +w) return path.dataset.label;
  return null;
}
for (const chart of charts) {
  const { picture, marks, figure, shape, kind, start, step, count, rows } = chart;
  const { low, high, unit, xUnit } = marks.dataset;
  const names = shape === "cells" ? JSON.parse(marks.dataset.rows) : [];
  const value = (y) => +high - (y / rows) * (high - low);
  const readout = figure.querySelector(".readout");
  const last = count - 1;
  let read = null, index = Math.round(count / 2), row = 0;
  const cursor = element("line", { class: "cursor" });

  function readSeries() {
    const paths = [...marks.querySelectorAll("path[data-label]")].map((p) => ({ p, ...p.dataset, ...points(p.getAttribute("d")) }));
    // As the legend has them: on paper the first lies on top of the others, and is drawn last.
    const order = [...figure.querySelectorAll("[data-marks]")].map((entry) => entry.dataset.marks);
    return () => {
      const texts = new Map();
      for (const { p, shape, label, upper, lower } of paths) {
        if (p.classList.contains("off") || !upper.has(index)) continue;
        const top = value(upper.get(index)), bottom = lower.has(index) ? value(lower.get(index)) : 0;
        const [a, b] = [Math.abs(top), Math.abs(bottom)].sort((p, q) => p - q);
        if (shape === "core") continue;
        const text = shape === "line" ? number(top) : shape === "band" ? "(" + number(a) + "–" + number(b) + ")" : number(top - bottom);
        texts.set(label, shape === "band" ? (texts.get(label) || "") + " " + text : text + (texts.get(label) || ""));
      }
      const said = [...texts].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([label, text]) => label + " " + text.trim() + (unit && " " + unit));
      return place(kind, start + step * (index + 0.5), step) + " · " + (said.join(" · ") || "no data");
    };
  }
  function readBars() {
    const found = bars(marks.querySelector("path").getAttribute("d"));
    return () => {
      const from = start + step * index;
      const share = found.has(index) ? value(found.get(index)) : 0;
      return number(from) + "–" + number(from + step) + " " + (xUnit || "") + " · " + number(share) + " % of the samples";
    };
  }
  function readStairs() {
    const found = stairs(marks.querySelector("path").getAttribute("d"));
    return () => {
      const under = found.findLast(([x]) => x <= index);
      return "up to " + number(start + step * index) + " " + (xUnit || "") + " · " + number(under ? value(under[1]) : 0) + " % of the samples";
    };
  }
  function readCells() {
    return () => {
      const from = start + step * index;
      const when = kind === "clock" ? clock(from, 60) + "–" + clock(from + step, 60) : place(kind, from + step / 2, step);
      return names[row] + ", " + when + " · " + (levelAt(marks, index, row) || "no data");
    };
  }
  const readers = { bin: readBars, value: readStairs, cells: readCells };
  function show() {
    if (!read) {
      read = (readers[shape] || readSeries)();
      cursor.setAttribute("y2", rows);
      marks.append(cursor);
    }
    // Buckets of lines lie around their number, bars and cells behind it.
    const x = shape === "bin" || shape === "cells" ? index + 0.5 : index;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    readout.textContent = read();
  }
  chart.show = show;
  picture.tabIndex = 0;
  picture.addEventListener("pointermove", (event) => {
    const box = marks.getBoundingClientRect(), view = marks.viewBox.baseVal;
    const at = view.x - chart.from + ((event.clientX - box.left) / box.width) * view.width;
    index = Math.max(0, Math.min(last, Math.floor(at)));
    row = Math.max(0, Math.min(names.length - 1, Math.floor(((event.clientY - box.top) / box.height) * rows)));
    show();
  });
  picture.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key], down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by && !(down && names.length > 1)) return;
    event.preventDefault();
    if (by) index = Math.max(0, Math.min(last, index + by * (event.shiftKey ? 10 : 1)));
    else row = Math.max(0, Math.min(names.length - 1, row + down));
    show();
  });
  chart.place = () => start + step * (index + 0.5);
}
`;
