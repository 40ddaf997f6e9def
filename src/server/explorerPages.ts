import { createHash } from "node:crypto";
import type { Example } from "./exampleQuery.js";

export interface Page {
  readonly html: string;
  /** Only scripts of the page itself, or listed here, run in it. */
  readonly contentSecurityPolicy: string;
}

/** Shows the calls to Chime with each response. It can be turned off in the headers of either explorer. */
const exampleHeaders = { "x-chime-trace": "1" };

const sandboxScript =
  "https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js";

/** Apollo Sandbox, with a link to GraphiQL if its script does not load within four seconds. */
export function renderSandboxPage({ document, variables }: Example): Page {
  const options = {
    target: "#sandbox",
    includeCookies: false,
    runTelemetry: false,
    initialState: { document, variables, headers: exampleHeaders, includeCookies: false },
  };
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chime GraphQL</title>
<link rel="icon" href="data:,">
<style>
html, body, #sandbox { height: 100%; margin: 0 }
#graphiql { position: fixed; right: 1rem; bottom: .6rem; font: .8rem system-ui, sans-serif; color: #6d6d85; z-index: 1 }
#sandbox iframe { width: 100%; height: 100%; border: 0 }
#offline { font: 1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1.5rem; color: #1b2240 }
#offline a { color: #3f20ba; font-weight: 600 }
</style>
</head>
<body>
<main id="offline" hidden>
<h1>Chime GraphQL</h1>
<p>Apollo Sandbox could not be loaded: this browser cannot reach Apollo's servers, which host it.</p>
<p><a href="/graphiql">Open GraphiQL</a>, which this gateway hosts. The GraphQL endpoint is this address.</p>
</main>
<noscript>The explorers need JavaScript. The GraphQL endpoint is this address.</noscript>
<a id="graphiql" href="/graphiql">GraphiQL (works offline)</a>
<div id="sandbox"></div>
<script>
const offline = document.getElementById("offline");
const timeout = setTimeout(() => { offline.hidden = false }, 4000);
</script>
<script src="${sandboxScript}"></script>
<script>
clearTimeout(timeout);
if (window.EmbeddedSandbox) {
  offline.hidden = true;
  new window.EmbeddedSandbox({ ...${inScript(options)}, initialEndpoint: location.origin + location.pathname });
} else {
  offline.hidden = false;
  document.getElementById("sandbox").remove();
}
</script>
</body>
</html>
`;
  return {
    html,
    contentSecurityPolicy: policy({
      "script-src": [...hashes(html), new URL(sandboxScript).origin],
      "frame-src": ["https://sandbox.embed.apollographql.com"],
      "connect-src": ["'self'"],
    }),
  };
}

/** GraphiQL and its scripts in one page. */
export async function renderGraphiqlPage({ document, variables }: Example): Promise<Page> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const options = {
    title: "Chime GraphiQL",
    endpoint: "/graphql",
    defaultQuery: document,
    variables: JSON.stringify(variables, null, 2),
    headers: JSON.stringify(exampleHeaders, null, 2),
  };
  const html = renderGraphiQL(options);
  return {
    html,
    contentSecurityPolicy: policy({
      "script-src": hashes(html),
      // The editor validates the query in workers that it starts from blobs.
      "worker-src": ["blob:"],
      "connect-src": ["'self'"],
      "font-src": ["data:"],
    }),
  };
}

function policy(directives: Readonly<Record<string, readonly string[]>>): string {
  const all = {
    "default-src": ["'none'"],
    // Both explorers create styles at run time.
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
    ...directives,
  };
  return Object.entries(all)
    .map(([name, sources]) => `${name} ${sources.join(" ")}`)
    .join("; ");
}

/** Hashes of the page's inline scripts. */
const hashes = (html: string): string[] =>
  Array.from(
    html.matchAll(/<script>([\s\S]*?)<\/script>/g),
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );

/** JSON in which no string can close the script element. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");
