// tries: fills the report channel
// outcome: output_limit
import fs from 'fs';
export const double = () => {
  for (;;) fs.writeSync(3, 'x'.repeat(65536));
};
