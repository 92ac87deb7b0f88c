// Forms that ask before they do, and that are sent once however often they are pressed.

/** Guards the forms below a node: `data-confirm` holds the question. */
export function guardForms(below: ParentNode): void {
  for (const form of below.querySelectorAll<HTMLFormElement>("form[method=post]")) {
    let sent = false;
    form.addEventListener("submit", (event) => {
      const question = form.dataset["confirm"];
      if (sent || (question && !window.confirm(question))) {
        event.preventDefault();
        return;
      }
      sent = !event.defaultPrevented;
    });
    // Back from the next page by the browser's own cache: the form may be sent again.
    window.addEventListener("pageshow", () => {
      sent = false;
    });
  }
}
