// tries: changes built-ins while it is called
// outcome: forged
export const double = () => {
  Reflect.ownKeys = () => [];
  Object.is = () => true;
  return 0;
};
