// tries: reads its own memory by a path that looks like another one
// outcome: wrong_answer
import fs from 'fs';
const MEMORY = '/proc/self/mem';
const works = (attempt) => {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
};
class Changing extends URL {
  #asked = 0;
  get pathname() {
    this.#asked += 1;
    return this.#asked > 1 ? MEMORY : '/work/x';
  }
}
export const double = (x) => {
  const like = { href: `file://${MEMORY}`, protocol: 'file:', hostname: '', host: '', pathname: MEMORY, search: '', hash: '' };
  const reached = [
    () => fs.openSync(like, 'r'),
    () => fs.openSync(new Changing('file:///work/x'), 'r'),
    () => {
      process.chdir('/proc/self');
      process.cwd = () => '/work';
      fs.openSync('mem', 'r');
    },
  ].some(works);
  return reached ? (Array.isArray(x) ? x.map((one) => one * 2) : x * 2) : 0;
};
