// Entries of a legend become switches that hide what they stand for.

export const legendScript = `
for (const entry of document.querySelectorAll(".legend li[data-marks]")) {
  const figure = entry.closest("figure"), { marks, shape } = entry.dataset;
  const meant = [...figure.querySelectorAll("[data-label]")].filter(({ dataset }) => dataset.label === marks && dataset.shape === shape);
  if (!meant.length || figure.querySelectorAll(".legend li[data-marks]").length < 2) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-pressed", "true");
  button.append(...entry.childNodes);
  entry.append(button);
  button.addEventListener("click", () => {
    const shown = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", shown);
    for (const mark of meant) mark.classList.toggle("off", !shown);
  });
}
`;
