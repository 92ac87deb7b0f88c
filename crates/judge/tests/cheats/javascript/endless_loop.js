// tries: never comes back
// outcome: time_limit
export const double = () => {
  for (;;);
};
