// Texts that scripts say. They stand in the page, in its language, as `data-…` of `#texts`.

/** A text of the page, with `{name}` replaced. */
export function text(name: string, fill: Record<string, string | number> = {}): string {
  const found = document.getElementById("texts")?.dataset[name] ?? name;
  return found.replace(/\{(\w+)\}/g, (whole, key: string) => String(fill[key] ?? whole));
}

/** A time of day in the reader's manner. */
export function timeOfDay(time: Date): string {
  const language = document.documentElement.lang || undefined;
  return new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(time);
}

/** Says something once to those who listen to the page. */
export function say(words: string): void {
  const region = document.getElementById("said");
  if (!region) return;
  // The same words again are news too: an emptied region reads them anew.
  region.textContent = "";
  window.setTimeout(() => {
    region.textContent = words;
  }, 20);
}
