// tries: ends the process from within a call
// outcome: runtime_error
export const double = () => process.exit(0);
