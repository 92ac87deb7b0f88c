import { SQLite, sql } from "@codemirror/lang-sql";

export default () => sql({ dialect: SQLite });
