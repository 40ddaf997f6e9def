import { createHash } from "node:crypto";
import type { GraphQLServerContext } from "@apollo/server";
import { ApolloServerPluginLandingPageLocalDefault } from "@apollo/server/plugin/landingPage/default";
import type { Example } from "./exampleQuery.js";

export interface Page {
  readonly html: string;
  /** Only scripts of the page itself, or listed here, run in it. */
  readonly contentSecurityPolicy: string;
}

/** Shows the calls to Chime with each response. It can be turned off in the headers of either explorer. */
const exampleHeaders = { "x-chime-trace": "1" };

/** Common parts of Apollo's page and ours. */
const commonPolicy =
  "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Leads to GraphiQL if Apollo's servers, which host Sandbox, cannot be reached: if a script fails, takes longer than four
 * seconds, or the frame is silent for 20. It comes first in the page, since styles that do not arrive delay later scripts.
 */
const sandboxFallback = `
const leave = () => location.replace(location.pathname.endsWith("/") ? "../graphiql" : "graphiql");
addEventListener("error", ({ target }) => { if (target instanceof HTMLScriptElement) leave() }, true);
setTimeout(() => { if (!window.EmbeddedSandbox) leave() }, 4_000);
const silence = setTimeout(leave, 20_000);
addEventListener("message", ({ origin }) => {
  if (origin === "https://sandbox.embed.apollographql.com") clearTimeout(silence);
});
`;

/** Apollo's landing page, which embeds Sandbox. @returns renders the page, with another nonce each time */
export async function createSandboxPage({ document, variables }: Example): Promise<() => Promise<Page>> {
  const plugin = ApolloServerPluginLandingPageLocalDefault({
    embed: { runTelemetry: false },
    includeCookies: false,
    document,
    variables: { ...variables },
    headers: exampleHeaders,
  });
  // It ignores the server that it is for.
  const listener = await plugin.serverWillStart?.({} as GraphQLServerContext);
  const page = await listener?.renderLandingPage?.();
  if (typeof page?.html !== "function") throw new Error("Apollo's landing page has no HTML.");
  const render = page.html;
  return async () => {
    const html = await render();
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    const nonce = /'nonce-(\w+)'/.exec(policy ?? "")?.[1];
    if (!policy || !nonce) throw new Error("Apollo's landing page has no content security policy.");
    return {
      html: html.replace("<head>", `<head><script nonce="${nonce}">${sandboxFallback}</script>`),
      // Its style sheet of Google's loads fonts.
      contentSecurityPolicy: `${policy}; ${commonPolicy}; font-src https://fonts.gstatic.com`,
    };
  };
}

/**
 * Monaco's layer of menus would make the page scroll into an empty area. For narrow screens: the panes below each other, the
 * sidebar above them, its plugins over them.
 */
const graphiqlStyle = `
:root { color-scheme: light dark }
html { height: 100%; overflow: hidden }
body { height: 100%; overflow: clip; position: relative }
@media (max-width: 700px) {
  .graphiql-container, .graphiql-container #graphiql-session { flex-direction: column }
  .graphiql-container { height: 100dvh }
  .graphiql-container .graphiql-sidebar { flex-direction: row; width: 100%; flex-shrink: 0 }
  .graphiql-container .graphiql-main { min-height: 0 }
  .graphiql-container .graphiql-sessions { margin: 0 }
  .graphiql-container .graphiql-logo, .graphiql-container .graphiql-horizontal-drag-bar { display: none }
  .graphiql-container .graphiql-editors { min-height: 0; flex: 3 !important }
  .graphiql-container .graphiql-response { min-height: 0; flex: 2 !important }
  .graphiql-container .graphiql-plugin {
    position: fixed; inset: var(--sidebar-width) auto 0 0; width: 100%; z-index: 5; overflow-wrap: anywhere;
    background: hsl(var(--color-base))
  }
  .graphiql-dialog .graphiql-dialog-section { flex-wrap: wrap; row-gap: var(--px-12) }
  .graphiql-dialog .graphiql-dialog-section > :not(:first-child) { margin-left: 0 }
}
`;

/** The first visit finds the example where GraphiQL stores its editors. As an option, it would add a tab at each reload. */
const storeExample = (editors: Readonly<Record<string, string>>): string => `
if (!localStorage.getItem("graphiql:tabState"))
  for (const [name, text] of Object.entries(${JSON.stringify(editors).replaceAll("<", "\\u003c")}))
    localStorage.setItem("graphiql:" + name, text);
`;

/** GraphiQL and its scripts in one page. */
export async function renderGraphiqlPage({ document, variables }: Example): Promise<Page> {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const headers = JSON.stringify(exampleHeaders, null, 2);
  const options = {
    title: "Chime GraphiQL",
    // Relative: behind a proxy, the paths may have a prefix.
    endpoint: "graphql",
    defaultQuery: document,
    headers,
    plugins: null,
  };
  const html = renderGraphiQL(options)
    // GraphiQL's own plugins, which JSON cannot express: with its history, instead of the package's query builder.
    .replace('"plugins":null', '"plugins":undefined')
    .replace(
      "</head>",
      // A function, since `$` in text would be special.
      () => `<meta name="viewport" content="width=device-width, initial-scale=1"><style>${graphiqlStyle}</style>
      <script>${storeExample({ query: document, variables: JSON.stringify(variables, null, 2), headers })}</script></head>`,
    );
  return {
    html,
    contentSecurityPolicy: [
      commonPolicy,
      `script-src ${hashes(html).join(" ")}`,
      // GraphiQL creates styles at run time.
      "style-src 'unsafe-inline'",
      "img-src data:",
      "font-src data:",
      // The editor validates the query in workers that it starts from blobs.
      "worker-src blob:",
    ].join("; "),
  };
}

/** Hashes of the page's inline scripts. */
const hashes = (html: string): string[] =>
  Array.from(
    html.matchAll(/<script>([\s\S]*?)<\/script>/g),
    ([, script = ""]) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
