import { createHarness } from "../support/harness.js";
import { startGatewayOn } from "../support/processes.js";
import type { Row } from "../support/report.js";
import { startStub } from "../support/stub.js";
import { everything, operationOf, textsOf, wrongValues } from "./mutations.js";

export async function corruptResponses(count: number): Promise<Row[]> {
  const found = { answered: 0, wrong: [] as string[] };
  let sent = textsOf();
  const chime = await startStub((request, response) => {
    response.setHeader("content-type", "application/json").end(sent[operationOf(request.url ?? "")]);
  });
  const gateway = await startGatewayOn(chime.url);
  const { tryAsk } = createHarness(gateway);
  let ended = false;
  gateway.end.then(() => {
    ended = true;
  });
  try {
    for (let n = 0; n < count; n++) {
      sent = textsOf(n);
      const { data, errors } = await tryAsk(everything);
      if (data || errors) found.answered += 1;
      found.wrong.push(...wrongValues(data, sent));
    }
    sent = textsOf();
    const intact = await tryAsk(everything);
    const healthy =
      !intact.errors && wrongValues(intact.data, sent).length === 0 && intact.data.user !== null;
    return [
      {
        promise:
          "1,000 corrupt responses of Chime: no crash, no value of a wrong type in a response, and the gateway is healthy afterwards",
        figure: `${found.answered} answered, ${found.wrong.length} wrong values${examplesOf(found.wrong)}, ${ended ? "crashed" : healthy ? "healthy" : "not healthy"}`,
        ok: found.answered === count && found.wrong.length === 0 && healthy && !ended,
      },
    ];
  } finally {
    await gateway.stop();
    await chime.close();
  }
}

function examplesOf(problems: readonly string[]): string {
  const kinds = [...new Set(problems)];
  return kinds.length > 0 ? ` (${kinds.slice(0, 5).join("; ")})` : "";
}
