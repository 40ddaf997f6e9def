/** Whether a host is this machine's own loopback interface. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);

/** HTTPS, or HTTP to loopback: elsewhere, an attacker on the path could replace the issuer's keys. */
export function isSecure(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** Why a server cannot listen, and what to do about it, in one line. */
export function cannotListen(
  { code = "", message }: NodeJS.ErrnoException,
  host: string,
  setting: string,
  port: number,
): string {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `${setting} ${port} is in use on ${host}: stop the program that uses it, or set another port`,
    EACCES: `${setting} ${port} requires privileges that this process does not have: set one above 1023`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine`,
    ENOTFOUND: `HOST ${host} is not an address of this machine`,
  };
  return reasons[code] ?? `${setting} ${port} cannot be used on ${host}: ${message}`;
}
