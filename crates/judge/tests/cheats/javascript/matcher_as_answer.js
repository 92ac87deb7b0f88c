// tries: answers with a matcher that equals everything
// outcome: wrong_answer
export const double = () => expect.anything();
