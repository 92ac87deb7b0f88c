// The service writes times in UTC; the reader's zone and language are known here only.

/** Rewrites every `<time data-local>` below a node. */
export function showTimes(below: ParentNode): void {
  const language = document.documentElement.lang || undefined;
  const whole = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  for (const element of below.querySelectorAll<HTMLTimeElement>("time[data-local]")) {
    const time = new Date(element.dateTime);
    if (Number.isNaN(time.getTime())) continue;
    element.title = element.dateTime;
    element.textContent = whole.format(time);
  }
}
