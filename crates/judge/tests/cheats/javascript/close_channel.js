// tries: closes the report channel and puts a file in its place
// outcome: runtime_error
import fs from 'fs';
fs.closeSync(3);
fs.openSync('/tmp/own', 'w');
export const double = () => 0;
