import { unknownSettings } from "../config/unknownSettings.js";
import { readChimeLocalConfig } from "../config.js";
import { announce, runUntilStopped } from "../lifecycle.js";
import { startChimeLocal } from "./server.js";

await runUntilStopped(async (register) => {
  for (const warning of unknownSettings(process.env)) console.error(`WARNING: ${warning}`);
  const { url } = register(await startChimeLocal(await readChimeLocalConfig(process.env)));
  announce({ url }, [
    `Embedded Chime: ${url}`,
    `  Try: aws chime list-accounts --endpoint-url ${url} --region us-east-1 --no-sign-request`,
  ]);
});
