// A form counts once by its number. Whoever comes back to a page has the number that it had, so that the same form is known again.
const numbers = [...document.querySelectorAll('input[name="once"]')];
const before = history.state?.once;
if (before?.length === numbers.length) numbers.forEach((field, at) => { field.value = before[at]; });
else if (numbers.length) history.replaceState({ ...history.state, once: numbers.map((field) => field.value) }, "");
