// "/" goes to the search from anywhere; the arrows go through what it finds, and Escape puts it away.
const field = document.getElementById("find");
const found = document.getElementById("found");
const typing = (at) => at.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing(event.target)) {
    event.preventDefault();
    field.focus();
    field.select();
  } else if (event.target.closest("[data-find]")) {
    if (event.key === "Escape") {
      found.replaceChildren();
      field.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const stops = [field, ...found.querySelectorAll("a")];
      const next = stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  }
});
document.addEventListener("click", (event) => {
  if (found && !event.target.closest("[data-find]")) found.replaceChildren();
});
