import { areaCodes } from "./numberPool.js";

/** Fictitious people for the seed. Any resemblance to real people is coincidental. */

const firstNames =
  `Amara Wei Sofia Kwame Ingrid Ravi Leila Mateo Yuki Nadia Tomas Aisha Pablo Hana Olu Greta Javier Mei
  Samir Elena Kofi Priya Lars Zainab Diego Fatima Noah Akira Chiara Tariq Ivana Emeka Linh Malik Freya
  Arjun Rosa Jin Thandi Oscar Salma Viktor Imani Pilar Hugo Nia Rafael Keiko`.split(/\s+/);

const lastNames =
  `Okafor Chen Rivera Mensah Lindqvist Patel Haddad Silva Tanaka Novak Moreau Diallo Castillo Kim
  Adeyemi Schneider Torres Wong Rahman Petrova Asante Sharma Hansen Yusuf Fernandez Benali Walker Sato
  Romano Aziz Kovac Nwosu Nguyen Johnson Larsen Reddy Delgado Park Dlamini Berg Khoury Ivanov Mwangi
  Ortega Dubois Thompson Costa Watanabe Murphy Jensen`.split(/\s+/);

/** Users have numbers of these area codes: those of the others can always be ordered. */
const userAreaCodes = areaCodes.slice(0, 17);

export interface Person {
  readonly name: string;
  /** Unique within a domain. */
  readonly email: string;
}

/** The nth person of an organization; every combination of names is used before one is repeated with a number. */
export function personOf(n: number, domain: string): Person {
  const first = firstNames[n % firstNames.length] ?? "";
  const round = Math.floor(n / firstNames.length);
  const last = lastNames[((n % firstNames.length) * 7 + round) % lastNames.length] ?? "";
  const repeat = Math.floor(round / lastNames.length);
  const suffix = repeat === 0 ? "" : `.${repeat + 1}`;
  return { name: `${first} ${last}`, email: `${first}.${last}${suffix}@${domain}`.toLowerCase() };
}

/** The nth fictitious telephone number; undefined after the last one. */
export function phoneOf(n: number): string | undefined {
  const areaCode = userAreaCodes[Math.floor(n / 100)];
  return areaCode === undefined ? undefined : `+1${areaCode}55501${String(n % 100).padStart(2, "0")}`;
}
