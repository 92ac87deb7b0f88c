// tries: gets the inspector by dynamic import
// outcome: wrong_answer
let leaked = 0;
import('node:inspector').then((module) => { leaked = new module.Session(); }).catch(() => {});
export const double = () => leaked;
