// tries: ends the process below process.exit
// outcome: runtime_error
export const double = () => process.reallyExit(0);
