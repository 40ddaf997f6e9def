import { readChimeLocalSettings } from "../config/chimeLocal.js";
import { announce, runUntilStopped } from "../lifecycle.js";
import { startChimeLocal } from "./server.js";

await runUntilStopped(async (register) => {
  const read = readChimeLocalSettings(process.env);
  if ("problems" in read) throw new Error(read.problems.join("\n"));
  const { url } = register(await startChimeLocal({ ...read.settings, log: console.error }));
  announce({ url }, [
    `Embedded Chime: ${url}`,
    `  Try: aws chime list-accounts --endpoint-url ${url} --region us-east-1 --no-sign-request`,
  ]);
});
