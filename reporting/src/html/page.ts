// Light or dark as the reader wants it, until the page is closed: nothing is stored. And the contents show where one is.

export const pageScript = `
const root = document.documentElement, tools = document.querySelector(".tools");
if (tools) {
  const button = tools.querySelector("button"), dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const name = () => { button.textContent = isDark() ? "Light colours" : "Dark colours"; };
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  dark.addEventListener("change", name);
  name();
  tools.hidden = false;
}
const entries = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
const seen = new Set();
const watch = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) isIntersecting ? seen.add(target.id) : seen.delete(target.id);
  const current = [...entries.keys()].find((id) => seen.has(id));
  for (const [id, link] of entries) id === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
}, { rootMargin: "-10% 0px -70% 0px" });
for (const section of document.querySelectorAll("main > section")) watch.observe(section);
`;
