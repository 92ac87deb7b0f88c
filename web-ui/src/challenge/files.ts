// The files of the challenge as the page holds them: one textarea each, which the editor replaces
// and keeps up to date, so that the form can be posted at any moment.

/** Text, or other bytes in base64: as the API has it. */
export type Content = string | { base64: string };
export type Files = Record<string, Content>;

export interface PageFile {
  path: string;
  /** Not the learner's to change. */
  fixed: boolean;
  /** Was there from the start, or is a file of the author's. */
  given: boolean;
  grammar: string | undefined;
  /** One step of indentation. */
  indent: string;
  /** Columns of a tab. */
  tabColumns: number;
  area: HTMLTextAreaElement;
}

/** Reads what the page holds below a node, in order. */
export function readFiles(below: ParentNode): PageFile[] {
  const fields = [...below.querySelectorAll<HTMLElement>("[data-file]")];
  return fields.flatMap((field) => {
    const area = field.querySelector("textarea");
    return area ? [readFile(field, area)] : [];
  });
}

function readFile(field: HTMLElement, area: HTMLTextAreaElement): PageFile {
  const told = field.dataset;
  return {
    path: told["file"] ?? "",
    fixed: area.readOnly,
    given: told["given"] !== undefined,
    grammar: told["grammar"],
    indent: told["indent"] || "    ",
    tabColumns: Number(told["tab"]) || 4,
    area,
  };
}

/** Whether both hold the same. */
export function isSame(left: Files, right: Files): boolean {
  const paths = Object.keys(left);
  if (paths.length !== Object.keys(right).length) return false;
  return paths.every((path) => JSON.stringify(left[path]) === JSON.stringify(right[path]));
}

/** Text of a content; other bytes have none. */
export function textOf(content: Content | undefined): string | undefined {
  return typeof content === "string" ? content : undefined;
}
