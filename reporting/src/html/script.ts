// What the page's script is made of. Without it nothing is missing but the cursor, the zoom, the switches of the legend and of
// the colours. It reads values back from the paths that charts/path.ts writes and gets no data, so no data has to be escaped into it.
import { cursorScript } from "./cursor.ts";
import { legendScript } from "./legend.ts";
import { pageScript } from "./page.ts";
import { zoomScript } from "./zoom.ts";

/** Shared by the others: charts with marks, and how times are told. */
const base = `
"use strict";
const NS = "http://www.w3.org/2000/svg";
const two = (n) => String(n).padStart(2, "0");
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
function clock(s, step) {
  const t = new Date(Math.round(s) * 1000);
  return two(t.getUTCHours()) + ":" + two(t.getUTCMinutes()) + (step < 60 ? ":" + two(t.getUTCSeconds()) : "");
}
function date(s) {
  const t = new Date(Math.round(s) * 1000);
  return t.getUTCDate() + " " + months[t.getUTCMonth()];
}
function span(s) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  let rest = Math.round(s);
  const said = parts.flatMap(([size, name]) => { const n = Math.floor(rest / size); rest -= n * size; return n ? [n + " " + name] : []; });
  return said.slice(0, 2).join(" ") || "0 s";
}
/** Since an event; before it, below 0. */
const since = (s) => (s < 0 ? "−" : "") + span(Math.abs(s));
/** A place on an axis in words. */
function place(kind, s, step) {
  if (kind === "time") return date(s) + " " + clock(s, step) + " UTC";
  return kind === "clock" ? clock(s, step) : since(s);
}
function number(v) {
  const a = Math.abs(v);
  return a.toLocaleString("en-US", { maximumFractionDigits: a >= 100 ? 0 : a >= 10 ? 1 : 2 });
}
function element(name, attributes) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
const charts = [...document.querySelectorAll(".picture")].flatMap((picture) => {
  const marks = picture.querySelector(".marks");
  if (!marks) return [];
  const { x, columns, start, step } = marks.dataset;
  const box = marks.viewBox.baseVal;
  const kind = x === "cells" ? columns : x;
  return [{ picture, marks, figure: picture.parentNode, shape: x, kind, start: +start, step: +step, from: box.x, count: box.width, rows: box.height }];
});
`;

export const script = [base, cursorScript, zoomScript, legendScript, pageScript]
  .map((part) => part.trim())
  .join("\n");
