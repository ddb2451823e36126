// Lists that are worked through with the keyboard. Every key presses something that is on the page, so nothing works with keys alone.
const lines = [...document.querySelectorAll("[data-keys] > [tabindex]")];
const place = `place in ${location.pathname}`;
const at = () => lines.findIndex((line) => line.contains(document.activeElement));
const named = (line) => line?.querySelector("[data-open]")?.getAttribute("href") ?? "";
const keep = (where = { at: at(), line: named(lines[at()]) }) => sessionStorage.setItem(place, JSON.stringify(where));
const go = (to) => lines[Math.max(0, Math.min(to, lines.length - 1))]?.focus();
const press = (key) => lines[at()]?.querySelector(`[data-key="${CSS.escape(key)}"]`);
const shown = document.getElementById("keys");
const show = () => { if (shown && !shown.open) shown.showModal(); };
const presses = {
  j: () => go(at() + 1),
  k: () => go(at() < 0 ? 0 : at() - 1),
  o: () => { if (at() >= 0) keep(); lines[at()]?.querySelector("[data-open]")?.click(); },
  "?": show,
  // What is taken back stands again where one is now.
  u: () => { const undo = document.querySelector("[data-undo]"); if (undo) { keep({ at: Math.max(0, at()), line: "" }); undo.click(); } },
};
// A key that is listed and that this line has no button for says so, instead of nothing.
const told = new Set([...(shown?.querySelectorAll("dt kbd") ?? [])].map((one) => one.textContent).filter((key) => key.length === 1));
const said = document.querySelector("[data-keys-said]");
const nothing = (key) => { if (said) said.textContent = said.dataset.nothing.replace("{key}", key); };
document.addEventListener("focusin", () => { if (said) said.textContent = ""; });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || shown?.open || event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (event.key === "Enter" && lines.includes(event.target)) { event.preventDefault(); presses.o(); return; }
  const button = press(event.key);
  if (button) { if (button.type !== "checkbox") keep(); button.click(); } else if (Object.hasOwn(presses, event.key)) presses[event.key](); else if (at() >= 0 && told.has(event.key)) nothing(event.key); else return;
  event.preventDefault();
});
const shows = document.querySelector("[data-shows-keys]");
if (shows) { shows.hidden = false; shows.addEventListener("click", show); }
// After a line is done the page comes back: go on where one was. A line that is still there has been seen to: go to the next.
const before = sessionStorage.getItem(place);
if (before !== null && lines.length) {
  sessionStorage.removeItem(place);
  const was = JSON.parse(before);
  go(was.line && named(lines[was.at]) === was.line && document.querySelector(".notice-good") ? was.at + 1 : was.at);
}
