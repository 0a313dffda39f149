// Zoom along time, by dragging over a chart (with a finger after holding it still, for a finger that moves at once scrolls the
// page or reads values) or by + and −: all charts with the same kind of axis follow. It spreads what is drawn
// and says so: there are no finer points in the file.

export const zoomScript = `
const FEWEST = 8, HOLD_MS = 400;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2419200];
const zoomable = charts.filter(({ kind }) => kind === "time" || kind === "elapsed");

/** Shows from … to (seconds on the axis) in every chart of that kind; null shows all. */
function zoom(kind, range) {
  for (const chart of zoomable) {
    if (chart.kind !== kind) continue;
    const { picture, marks, figure, start, step, from, count, rows } = chart;
    const end = start + step * count;
    chart.range = range;
    const [left, right] = range || [start, end];
    marks.setAttribute("viewBox", [from + (left - start) / step, 0, (right - left) / step, rows].join(" "));
    const axis = picture.querySelector(".x-axis");
    chart.ticks = chart.ticks || [...axis.childNodes];
    axis.replaceChildren(...(range ? ticks(chart, left, right) : chart.ticks));
    const note = chart.note || (chart.note = figure.appendChild(zoomNote(kind)));
    note.hidden = !range;
    note.firstChild.textContent = "Shown: " + place(kind, left, step) + " – " + place(kind, right, step) + ", " + Math.round((right - left) / step) + " points of " + span(step) + ". This file has no finer ones. ";
  }
}
function zoomNote(kind) {
  const note = document.createElement("p"), all = document.createElement("button");
  note.className = "zoom note";
  all.type = "button";
  all.textContent = "Show all";
  all.addEventListener("click", () => zoom(kind, null));
  note.append("", all);
  note.prepend(document.createTextNode(""));
  return note;
}
function ticks({ kind, step, marks }, left, right) {
  const size = steps.find((s) => s >= step && (right - left) / s <= 6) || right - left;
  const y = +marks.getAttribute("y") + +marks.getAttribute("height");
  const made = [];
  let day = "";
  for (let s = Math.ceil(left / size) * size; s <= right; s += size) {
    const share = (s - left) / (right - left), x = 100 * share + "%";
    const group = element("g", { "text-anchor": share < 0.05 ? "start" : share > 0.95 ? "end" : "middle" });
    group.append(element("line", { x1: x, x2: x, y1: y, y2: y + 5, stroke: "var(--axis)" }));
    const first = element("text", { x, y: y + 19 });
    first.textContent = kind === "time" ? (size < 86400 ? clock(s, size) : date(s)) : since(s);
    group.append(first);
    if (kind === "time" && size < 86400 && date(s) !== day) {
      const second = element("text", { x, y: y + 35, "font-weight": 600 });
      second.textContent = day = date(s);
      group.append(second);
    }
    made.push(group);
  }
  return made;
}
function limited({ start, step, count }, left, right) {
  const end = start + step * count, least = FEWEST * step;
  // Whole points: their edges, not halves of them.
  const whole = (s) => start + Math.round((s - start) / step) * step;
  let [a, b] = [whole(Math.max(start, left)), whole(Math.min(end, right))];
  if (b - a < least) {
    a = Math.max(start, Math.min(whole((a + b - least) / 2), end - least));
    b = Math.min(end, a + least);
  }
  return a <= start && b >= end ? null : [a, b];
}
for (const chart of zoomable) {
  const { picture, marks, kind, start, step, count } = chart;
  const placeAt = (clientX) => {
    const box = marks.getBoundingClientRect(), [left, right] = chart.range || [start, start + step * count];
    return left + Math.max(0, Math.min(1, (clientX - box.left) / box.width)) * (right - left);
  };
  let dragged = null, pressed = null;
  const begin = ({ clientX }) => ({ from: clientX, box: element("rect", { class: "selection", y: marks.getAttribute("y"), height: marks.getAttribute("height") }) });
  function drag({ pointerId, clientX }) {
    if (!dragged.moved) {
      dragged.moved = true;
      picture.setPointerCapture(pointerId);
      marks.parentNode.append(dragged.box);
    }
    const box = marks.getBoundingClientRect();
    const share = (x) => (100 * Math.max(0, Math.min(box.width, x - box.left))) / box.width;
    const [a, b] = [share(dragged.from), share(clientX)].sort((p, q) => p - q);
    dragged.box.setAttribute("x", a + "%");
    dragged.box.setAttribute("width", Math.max(0.5, b - a) + "%");
  }
  function letGo() {
    clearTimeout(pressed && pressed.timer);
    pressed = null;
  }
  picture.addEventListener("pointerdown", (event) => {
    letGo();
    if (event.button !== 0) return;
    if (event.pointerType !== "touch") dragged = begin(event);
    // A second finger zooms the page.
    else if (!event.isPrimary) cancel();
    else pressed = { x: event.clientX, y: event.clientY, timer: setTimeout(() => { letGo(); dragged = begin(event); drag(event); }, HOLD_MS) };
  });
  picture.addEventListener("pointermove", (event) => {
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 8) letGo();
    if (!dragged || (Math.abs(event.clientX - dragged.from) < 6 && !dragged.moved)) return;
    drag(event);
    event.preventDefault();
  });
  // Or the page would scroll below the finger that drags, and a menu open where it was held.
  picture.addEventListener("touchmove", (event) => { if (dragged) event.preventDefault(); }, { passive: false });
  picture.addEventListener("contextmenu", (event) => { if (pressed || dragged) event.preventDefault(); });
  function cancel() {
    letGo();
    if (dragged) dragged.box.remove();
    dragged = null;
  }
  const end = (event) => {
    const { from, moved } = dragged || {};
    const far = Math.abs(event.clientX - from) >= 6;
    cancel();
    if (!moved || !far) return;
    const [a, b] = [placeAt(from), placeAt(event.clientX)].sort((p, q) => p - q);
    zoom(kind, limited(chart, a, b));
  };
  picture.addEventListener("pointerup", end);
  picture.addEventListener("pointercancel", cancel);
  picture.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
    if (!factor && event.key !== "0" && event.key !== "Escape") return;
    event.preventDefault();
    if (!factor) return zoom(kind, null);
    const [left, right] = chart.range || [start, start + step * count];
    const middle = Math.max(left, Math.min(right, chart.place())), half = (factor * (right - left)) / 2;
    zoom(kind, limited(chart, middle - half, middle + half));
  });
}
`;
