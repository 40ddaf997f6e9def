const last = new Map<string, Promise<unknown>>();

/** Runs the tasks of this process that have the same key one after the other, in the order of the calls. */
export async function serialize<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
  const before = last.get(key);
  const result = before ? before.then(task, task) : task();
  last.set(key, result);
  try {
    return await result;
  } finally {
    if (last.get(key) === result) last.delete(key);
  }
}
