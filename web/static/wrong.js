// A form that comes back with what is wrong: one goes on at the first field that is wrong, and hears what is wrong with it.
const main = document.getElementById("content");
const fields = "input:not([type=hidden]), select, textarea";
const usable = (field) => field && !field.disabled && field.offsetParent !== null;
const answered = performance.getEntriesByType("navigation")[0]?.responseStatus;

const marked = () => [...main.querySelectorAll('[aria-invalid="true"], .is-invalid')].find(usable);
const beside = () => {
  const message = [...main.querySelectorAll(".invalid-feedback")].find((one) => one.textContent.trim() && one.offsetParent !== null);
  const around = message?.parentElement;
  return [[...(around?.querySelectorAll(fields) ?? [])].find(usable), message];
};
// A message about the whole form: a field that has to be filled in and is not, else the message itself, to be read out and gone on from.
const ofTheForm = () => {
  if (answered !== 422) return [];
  const message = [...main.querySelectorAll('.notice-bad[role="alert"]')].find((one) => one.offsetParent !== null);
  if (!message) return [];
  const all = message.closest("form") ? [message.closest("form")] : [...main.querySelectorAll("form")].filter((form) => message.compareDocumentPosition(form) & 4);
  const field = [...(all[0]?.querySelectorAll(fields) ?? [])].find((one) => usable(one) && !one.validity.valid);
  return [field, message];
};

function say(field, message) {
  if (message) {
    const known = field.getAttribute("aria-describedby")?.split(" ") ?? [];
    const said = known.some((id) => message.contains(document.getElementById(id)));
    message.id ||= "what-is-wrong";
    if (!said) field.setAttribute("aria-describedby", [message.id, ...known].join(" "));
  }
  field.focus();
}

if (main && !location.hash) {
  const own = main.querySelector("[autofocus][aria-describedby]");
  const field = marked();
  const [near, its] = beside();
  const [empty, whole] = ofTheForm();
  if (own) own.focus();
  else if (field) say(field, its && field.parentElement.contains(its) ? its : whole);
  else if (near) { if (near.type !== "radio" && near.type !== "checkbox") near.setAttribute("aria-invalid", "true"); say(near, its); }
  else if (empty) { empty.setAttribute("aria-invalid", "true"); say(empty, whole); }
  else if (whole) { whole.tabIndex = -1; whole.focus(); }
}
