import { everything, operationOf, textsOf, wrongValues } from "./mutations.js";
import { startGatewayOn } from "./processes.js";
import type { Row } from "./report.js";
import { ask } from "./scene.js";
import { startStub } from "./stub.js";

export async function mutatedAnswers(count: number): Promise<Row[]> {
  const found = { answered: 0, wrong: [] as string[] };
  let sent = textsOf();
  const chime = await startStub((request, response) => {
    response.setHeader("content-type", "application/json").end(sent[operationOf(request.url ?? "")]);
  });
  const gateway = await startGatewayOn(chime.url);
  let ended = false;
  gateway.end.then(() => {
    ended = true;
  });
  try {
    for (let n = 0; n < count; n++) {
      sent = textsOf(n);
      const { data, errors } = await ask(gateway.url, everything);
      if (data || errors) found.answered += 1;
      found.wrong.push(...wrongValues(data, sent));
    }
    sent = textsOf();
    const sound = await ask(gateway.url, everything);
    const healthy = !sound.errors && wrongValues(sound.data, sent).length === 0 && sound.data.user !== null;
    return [
      {
        promise: "1,000 mutated answers of Chime's: no crash, no value of a wrong type out, healthy after",
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
