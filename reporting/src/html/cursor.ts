// The report's only script: a cursor that reads values back from the paths of a chart, by mouse, finger or arrow keys.
// Without it nothing is missing but the cursor. It knows the form of paths that charts/path.ts writes, and no data.

export const cursorScript = `
"use strict";
const NS = "http://www.w3.org/2000/svg", HEIGHT = 600;
const two = (n) => String(n).padStart(2, "0");
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
function time(s, step) {
  const t = new Date(Math.round(s) * 1000);
  const clock = two(t.getUTCHours()) + ":" + two(t.getUTCMinutes()) + (step < 60 ? ":" + two(t.getUTCSeconds()) : "");
  return t.getUTCDate() + " " + months[t.getUTCMonth()] + " " + clock + " UTC";
}
function number(v) {
  const a = Math.abs(v);
  return a.toLocaleString("en-US", { maximumFractionDigits: a >= 100 ? 0 : a >= 10 ? 1 : 2 });
}
function points(d) {
  const upper = new Map(), lower = new Map();
  for (const run of d.match(/M[^M]+/g) || []) {
    const parts = run.match(/[a-zA-Z]|-?[\\d.]+/g);
    let x = 0, y = 0, into = upper, command = "";
    const put = () => into.set(Math.round(x), y);
    for (let i = 0; i < parts.length; ) {
      if (/[a-zA-Z]/.test(parts[i])) command = parts[i++];
      if (command === "M") { x = +parts[i++]; y = +parts[i++]; if (parts[i] === "h") x += 0.5; put(); }
      else if (command === "l") { x += +parts[i++]; y += +parts[i++]; put(); }
      else if (command === "V") { y = +parts[i++]; into = lower; put(); }
      else if (command === "h") i++;
    }
  }
  return { upper, lower };
}
for (const picture of document.querySelectorAll(".picture")) {
  const marks = picture.querySelector('.marks[data-x="time"]');
  if (!marks) continue;
  const { start, step, low, high, unit } = marks.dataset;
  const count = marks.viewBox.baseVal.width;
  const value = (y) => +high - (y / HEIGHT) * (high - low);
  const readout = picture.parentNode.querySelector(".readout");
  let paths = null, line = null, index = Math.round(count / 2);
  const show = () => {
    if (!paths) {
      paths = [...marks.querySelectorAll("path")].map((p) => ({ ...p.dataset, ...points(p.getAttribute("d")) }));
      line = marks.appendChild(document.createElementNS(NS, "line"));
      line.setAttribute("class", "cursor");
      line.setAttribute("y2", HEIGHT);
    }
    line.setAttribute("x1", index);
    line.setAttribute("x2", index);
    const texts = new Map();
    for (const { shape, label, upper, lower } of paths) {
      if (!upper.has(index)) continue;
      const top = value(upper.get(index)), bottom = lower.has(index) ? value(lower.get(index)) : 0;
      const [a, b] = [Math.abs(top), Math.abs(bottom)].sort((p, q) => p - q);
      const text = shape === "line" ? number(Math.abs(top)) : shape === "band" ? "(" + number(a) + "–" + number(b) + ")" : number(top - bottom);
      texts.set(label, shape === "band" ? (texts.get(label) || "") + " " + text : text + (texts.get(label) || ""));
    }
    const said = [...texts].map(([label, text]) => label + " " + text.trim() + (unit && " " + unit));
    readout.textContent = time(+start + step * (index + 0.5), step) + " · " + (said.join(" · ") || "no data");
  };
  picture.tabIndex = 0;
  picture.addEventListener("pointermove", (event) => {
    const box = marks.getBoundingClientRect();
    index = Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - box.left) / box.width) * count)));
    show();
  });
  picture.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    index = Math.max(0, Math.min(count - 1, index + by * (event.shiftKey ? 10 : 1)));
    show();
  });
}
`.trim();
