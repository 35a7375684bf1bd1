/** A function of something that does not change, and of a key if it takes one, that works once for each pair. */
export function remembered<Of extends object, Key extends readonly [unknown?], Answer>(
  find: (of: Of, ...key: Key) => Answer,
): (of: Of, ...key: Key) => Answer {
  const answers = new WeakMap<Of, Map<unknown, Answer>>();
  return (of, ...key) => {
    const known = answers.get(of) ?? new Map<unknown, Answer>();
    answers.set(of, known);
    if (!known.has(key[0])) known.set(key[0], find(of, ...key));
    return known.get(key[0])!;
  };
}
