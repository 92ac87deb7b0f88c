// C and C++: one grammar reads both.
import { cpp } from "@codemirror/lang-cpp";

export default cpp;
