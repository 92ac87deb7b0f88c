// tries: looks into the process with the inspector
// outcome: rejected
import { Session } from 'inspector';
new Session().connect();
export const double = () => 0;
