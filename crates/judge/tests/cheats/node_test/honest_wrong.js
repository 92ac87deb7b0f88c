// tries: is wrong, honestly
// outcome: wrong_answer
export const double = () => 0;
