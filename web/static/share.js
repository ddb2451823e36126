// “Share” copies the address that it shows. Without script, or where copying is not allowed, the address can be marked and copied by hand.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copies);
    const told = field.closest("section").querySelector("[data-copied]");
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      told.hidden = false;
    } catch {
      told.hidden = true;
    }
  });
}
