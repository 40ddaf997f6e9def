import { runUntilStopped } from "../lifecycle.js";
import { startChimeLocal } from "./server.js";
import { readChimeLocalSettings } from "./settings.js";

await runUntilStopped(async (keep) => {
  const read = readChimeLocalSettings(process.env);
  if ("problems" in read) throw new Error(read.problems.join("\n"));
  const { url } = keep(await startChimeLocal({ ...read.settings, log: console.error }));
  console.log(`Embedded Chime  ${url}`);
  console.log(`  Try: aws chime list-accounts --endpoint-url ${url} --region us-east-1 --no-sign-request`);
  console.log("Ctrl-C stops.");
});
