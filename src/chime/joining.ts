import { Patience } from "./patience.js";

/** One reader's part in a call that others may share. */
export interface Reader<Output> {
  /** When it is over, the reader fails with what `left` says. The others go on waiting. */
  readonly patience: Patience;
  /** Makes the call, if nobody is making it. It ends at once when the patience is over: nobody waits for it then. */
  call(patience: Patience): Promise<Output>;
  /** Somebody else is making the call, with this patience. */
  joined(patience: Patience): void;
  left(): Error;
}

/** Lets those who read the same at the same moment share one call. */
export interface Joining {
  /** @param key what is read: equal keys, equal answers. All who share an answer are given the same objects */
  read<Output>(key: string, reader: Reader<Output>): Promise<Output>;
  /** Something was changed: nothing that began before is given to who comes from now on. */
  forget(): void;
}

interface SharedCall {
  readonly answer: Promise<unknown>;
  readonly patience: Patience;
  waiting: number;
}

export function createJoining(): Joining {
  const underWay = new Map<string, SharedCall>();

  function begin<Output>(key: string, reader: Reader<Output>): SharedCall {
    const patience = new Patience();
    const call = { answer: reader.call(patience), patience, waiting: 0 };
    underWay.set(key, call);
    return call;
  }

  function drop(key: string, call: SharedCall): void {
    // Another one may have begun since.
    if (underWay.get(key) === call) underWay.delete(key);
  }

  return {
    read<Output>(key: string, reader: Reader<Output>): Promise<Output> {
      const { patience } = reader;
      if (patience.end) return reader.call(patience);
      const known = underWay.get(key);
      if (known) reader.joined(known.patience);
      const call = known ?? begin(key, reader);
      call.waiting++;
      return new Promise((resolve, reject) => {
        const leave = () => {
          call.waiting--;
          if (call.waiting > 0) return reject(reader.left());
          drop(key, call);
          // It fails by that, and so does the reader.
          call.patience.finish(patience.end);
        };
        patience.onEnd(leave);
        const settle = () => {
          patience.offEnd(leave);
          drop(key, call);
        };
        call.answer.then(
          (output) => {
            settle();
            resolve(output as Output);
          },
          (error: unknown) => {
            settle();
            reject(error);
          },
        );
      });
    },
    forget: () => underWay.clear(),
  };
}
