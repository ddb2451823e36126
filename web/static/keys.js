// A list that is worked through with the keyboard. Every key presses something that is on the page, so nothing works with keys alone.
const list = document.querySelector("[data-keys]");
const lines = list ? [...list.querySelectorAll(":scope > [tabindex]")] : [];
const place = `place in ${location.pathname}`;
const at = () => lines.findIndex((line) => line.contains(document.activeElement));
const go = (to) => lines[Math.max(0, Math.min(to, lines.length - 1))]?.focus();
const press = (key) => lines[at()]?.querySelector(`[data-key="${key}"]`);
const presses = {
  j: () => go(at() + 1),
  k: () => go(at() < 0 ? 0 : at() - 1),
  o: () => lines[at()]?.querySelector("[data-open]")?.click(),
  "?": () => document.querySelector("#order")?.scrollIntoView(),
  u: () => document.querySelector("[data-undo]")?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "Enter" && event.target.matches("[tabindex]") && lines.includes(event.target)) { event.preventDefault(); presses.o(); return; }
  const button = press(event.key);
  if (button) { sessionStorage.setItem(place, at()); button.click(); } else if (Object.hasOwn(presses, event.key)) presses[event.key](); else return;
  event.preventDefault();
});
// After a line is done the page comes back: go on where one was.
const before = sessionStorage.getItem(place);
if (before !== null) { sessionStorage.removeItem(place); go(Number(before)); }
