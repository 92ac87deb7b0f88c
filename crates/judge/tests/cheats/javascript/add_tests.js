// tries: adds test cases of its own
// outcome: rejected
test('fake', () => {});
export const double = () => 0;
