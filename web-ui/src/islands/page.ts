// Runs on every page: the theme, times in the reader's zone, questions before what cannot be undone.
import { showTimes } from "../time";
import { offerThemes } from "../theme";
import { guardForms } from "../form";

showTimes(document);
offerThemes();
guardForms();
