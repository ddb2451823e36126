// Lists that are worked through with the keyboard. Every key presses something that is on the page, so nothing works with keys alone.
const lines = [...document.querySelectorAll("[data-keys] > [tabindex]")];
const place = `place in ${location.pathname}`;
const at = () => lines.findIndex((line) => line.contains(document.activeElement));
const go = (to) => lines[Math.max(0, Math.min(to, lines.length - 1))]?.focus();
const press = (key) => lines[at()]?.querySelector(`[data-key="${CSS.escape(key)}"]`);
const shown = document.getElementById("keys");
const show = () => { if (shown && !shown.open) shown.showModal(); };
const presses = {
  j: () => go(at() + 1),
  k: () => go(at() < 0 ? 0 : at() - 1),
  o: () => lines[at()]?.querySelector("[data-open]")?.click(),
  "?": show,
  u: () => document.querySelector("[data-undo]")?.click(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || shown?.open || event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (event.key === "Enter" && lines.includes(event.target)) { event.preventDefault(); presses.o(); return; }
  const button = press(event.key);
  if (button) { if (button.type === "submit") sessionStorage.setItem(place, at()); button.click(); } else if (Object.hasOwn(presses, event.key)) presses[event.key](); else return;
  event.preventDefault();
});
const shows = document.querySelector("[data-shows-keys]");
if (shows) { shows.hidden = false; shows.addEventListener("click", show); }
// After a line is done the page comes back: go on where one was.
const before = sessionStorage.getItem(place);
if (before !== null) { sessionStorage.removeItem(place); go(Number(before)); }
