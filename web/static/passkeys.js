// Forms that need a passkey: what it is asked for comes from our server, what it answers goes into the form, which is then sent.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function make(options) {
  const made = await navigator.credentials.create({ publicKey: {
    ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  } });
  return { id: made.id, rawId: text(made.rawId), type: made.type, response: {
    clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject),
  } };
}

async function prove(options) {
  const proof = await navigator.credentials.get({ publicKey: {
    ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials),
  } });
  const { clientDataJSON, authenticatorData, signature, userHandle } = proof.response;
  return { id: proof.id, rawId: text(proof.rawId), type: proof.type, response: {
    clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  } };
}

const why = { NotAllowedError: "noPasskey", InvalidStateError: "thereAlready", SecurityError: "wrongAddress" };  // sentences that the form brings along

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector("[data-problem]"), button = form.querySelector("button");
  const tell = (words) => { problem.textContent = words; problem.hidden = false; button.disabled = false; };
  if (!window.PublicKeyCredential) {
    tell(form.dataset.notHere);
    button.disabled = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      const answer = await fetch(form.dataset.options, { method: "POST", body: new FormData(form), redirect: "error" });
      const said = (answer.headers.get("Content-Type") ?? "").startsWith("application/json") ? await answer.json() : {};
      if (!answer.ok) return tell(said.problem ?? (answer.status === 429 ? form.dataset.tooOften : form.dataset.failed));
      form.elements.credential.value = JSON.stringify(form.dataset.passkey === "make" ? await make(said) : await prove(said));
      form.submit();
    } catch (error) {
      tell(form.dataset[why[error.name] ?? "failed"]);
    }
  });
}
