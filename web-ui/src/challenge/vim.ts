// A chunk of its own: few ask for it.
import { vim } from "@replit/codemirror-vim";

export default () => vim({ status: true });
