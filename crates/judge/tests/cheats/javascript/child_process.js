// tries: starts a program beside the tests
// outcome: wrong_answer
import { spawnSync } from 'child_process';
export const double = () => {
  try {
    return spawnSync('sh', ['-c', 'echo 4']).stdout;
  } catch {
    return 0;
  }
};
