// All flows over one service and one browser:
//
//   scripts/test-pages.sh [--test-name-pattern WORD]
//
// A flow is a file of flows/; it is one more line here.
import "./harness/world.mjs";
import "./flows/account.mjs";
import "./flows/openid.mjs";
import "./flows/course.mjs";
import "./flows/quiz.mjs";
import "./flows/security.mjs";
import "./flows/challenge.mjs";
import "./flows/author.mjs";
import "./flows/accommodations.mjs";
import "./flows/operator.mjs";
