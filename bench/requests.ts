import type { LoadClient, LoadRequest, Outcome, Until } from "../test/support/load.js";

export interface BenchRequest extends LoadRequest {
  /** Bytes of the response, if they are known: another number is an error. */
  readonly size?: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
}

/** A GraphQL server that does not know the fields of a query, such as an earlier build, says so. */
export const isUnknownQuery = (error: unknown): boolean =>
  String(error).includes("GRAPHQL_VALIDATION_FAILED");

/** Sends one request. @returns the response's body; throws if it is not the expected one */
export async function send(client: LoadClient, request: BenchRequest): Promise<Buffer> {
  const outcome = await client.send(request);
  check(outcome, request);
  return outcome.body;
}

/** Keeps all connections of a client busy. @param next makes the nth request */
export async function runLoad(
  client: LoadClient,
  next: (n: number) => BenchRequest,
  until: Until,
): Promise<LoadResult> {
  const latencies: number[] = [];
  const { requests, seconds } = await client.closedLoop(next, until, (outcome, request) => {
    check(outcome, request);
    latencies.push(outcome.took);
  });
  return { requests, seconds, latencies };
}

function check({ status, body }: Outcome, { path, size = body.byteLength }: BenchRequest): void {
  if (status !== 200) throw new Error(`${path} was answered with ${status}: ${body}`);
  if (size !== body.byteLength) throw new Error(`${path} was answered with another response: ${body}`);
}
