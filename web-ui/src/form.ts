// Forms that ask before they do, and that are sent once however often they are pressed.

/** Guards all forms of the page: `data-confirm` holds the question. */
export function guardForms(): void {
  const sent = new WeakSet<HTMLFormElement>();
  // On the document, so that a form's own script may take the event before.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    const question = form.dataset["confirm"];
    if (sent.has(form) || (question && !window.confirm(question))) {
      event.preventDefault();
      return;
    }
    sent.add(form);
  });
  // Back from the next page by the browser's own cache: forms may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) sent.delete(form);
  });
}
