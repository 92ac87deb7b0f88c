// Dark and light: what the system says, unless the reader chose. The choice stands in a cookie, so
// that the service writes it into the page and nothing is painted in the wrong colours first.

const THEMES = ["light", "dark"] as const;
const YEAR_SECONDS = 365 * 24 * 3600;

/** Brings the choice to life: `<select data-theme-choice>`, hidden where there are no scripts. */
export function offerThemes(): void {
  const choice = document.querySelector<HTMLSelectElement>("[data-theme-choice]");
  if (!choice) return;
  const root = document.documentElement;
  choice.value = root.dataset["theme"] ?? "system";
  choice.closest<HTMLElement>("[hidden]")?.removeAttribute("hidden");
  choice.addEventListener("change", () => {
    const theme = THEMES.find((theme) => theme === choice.value);
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const seconds = theme ? YEAR_SECONDS : 0;
    document.cookie = `carrel-theme=${theme ?? ""}; Path=/; SameSite=Lax; Max-Age=${seconds}${secure}`;
    if (theme) root.dataset["theme"] = theme;
    else delete root.dataset["theme"];
  });
}
