// The list is gone through by keyboard: j and k move the focus, so Enter opens and screen readers read each line out.
const links = [...document.querySelectorAll("[data-keys] [data-open]")];
const typing = (place) => place.closest("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const at = links.indexOf(document.activeElement);
  if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
  else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  else if (event.key === "?") {
    const help = document.getElementById("order");
    help.open = true;
    help.querySelector("summary").focus();
  }
});
